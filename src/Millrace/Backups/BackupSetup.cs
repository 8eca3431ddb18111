using Microsoft.Extensions.Logging;
using Millrace.Consuming;

namespace Millrace.Backups;

/// <summary>Adds the consumer that backs up a store.</summary>
internal sealed class BackupSetup
{
    private readonly BackupOptions _options;
    private readonly ContinuousBackup _backups;

    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public BackupSetup(BackupOptions options, ContinuousBackup backups)
    {
        _backups = backups;
        _options = options.Copy();
        if (_options.Problems().ToArray() is { Length: > 0 } problems)
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
    }

    public void AddTo(ConsumerHost host, ILogger logger) =>
        host.Add(new BackupProcessor(host.Store, _options, _backups, logger));
}
