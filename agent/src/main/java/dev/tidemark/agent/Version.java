package dev.tidemark.agent;

import picocli.CommandLine.IVersionProvider;

/** Tells the version from the manifest of the jar it runs from. */
final class Version implements IVersionProvider {

    Version() {}

    @Override
    public String[] getVersion() {
        String version = Version.class.getPackage().getImplementationVersion();
        return new String[] {"tidemark " + (version == null ? "(not packaged)" : version)};
    }
}
