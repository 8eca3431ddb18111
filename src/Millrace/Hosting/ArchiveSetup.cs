using Millrace.Storage;

namespace Millrace.Hosting;

/// <summary>The archive of the stores of an application.</summary>
/// <param name="options">The options.</param>
/// <param name="monitor">Counts the reads.</param>
/// <exception cref="ArgumentException">The options are not valid.</exception>
internal sealed class ArchiveSetup(ArchiveOptions options, ArchiveMonitor monitor)
{
    public ArchiveOptions Options { get; } = options.Checked();

    public IStorage Wrap(IStorage storage) => storage.WithArchive(Options, monitor.Reads);
}
