using Millrace.Storage.Archives;
using Millrace.Storage.Objects;

namespace Millrace.Cli;

/// <summary>Opens the place of a store's archive.</summary>
internal static class ArchivePlaces
{
    public const string Variable = "MILLRACE_ARCHIVE";

    /// <summary>Opens the place that a store records, or that the environment variable names.</summary>
    /// <exception cref="CliException">The address is unknown.</exception>
    public static IObjectStorage Open(ArchivePlace place) => BackupPlaces.Open(AddressOf(place));

    /// <summary>Returns the address of the place.</summary>
    /// <exception cref="CliException">The address is unknown.</exception>
    public static string AddressOf(ArchivePlace place) =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } address
            ? address
            : place.Address ?? throw new CliException(
                ExitCode.Store,
                $"The store has archived events in {place.Description}, and its address is unknown.",
                $"Set {Variable} to the directory, s3://bucket/prefix or azblob://container/prefix.");
}
