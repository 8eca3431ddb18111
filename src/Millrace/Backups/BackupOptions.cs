using Millrace.Storage.Objects;

namespace Millrace;

/// <summary>Options of the continuous backup.</summary>
public sealed class BackupOptions
{
    /// <summary>Gets or sets the place of the backups. Required.</summary>
    public IObjectStorage? Place { get; set; }

    /// <summary>
    /// Gets or sets the interval at which new events are backed up; from 100 milliseconds to 1 hour, 1 second by
    /// default. After a loss of the database, at most the events of about two intervals are lost.
    /// </summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gets or sets the interval at which the tables outside the log (documents, checkpoints, claims) are copied; from
    /// 1 minute to 30 days, 1 day by default. After a restore, read models continue from their last copy.
    /// </summary>
    public TimeSpan TableCopyInterval { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// Gets or sets how long old copies of the tables, and sets of earlier epochs, are kept; from 1 hour, 30 days by
    /// default. Within this time, the store can be restored as of any position.
    /// </summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// Gets or sets the longest wait for an answer of the place; from 1 second to 1 hour, 1 minute by default. An
    /// operation that takes longer has failed, and is tried again.
    /// </summary>
    public TimeSpan PlaceTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Gets or sets the passphrase with which the backups are encrypted (AES-256-GCM), of at least 12 characters; null
    /// for no encryption, which is the default. Without the passphrase, nothing can be restored.
    /// </summary>
    public string? Passphrase { get; set; }

    internal BackupOptions Copy() => (BackupOptions)MemberwiseClone();

    internal IEnumerable<string> Problems()
    {
        if (Place is null)
            yield return "Place: is required, such as new DirectoryObjectStorage(\"/backups/shop\").";
        if (Interval < TimeSpan.FromMilliseconds(100) || Interval > TimeSpan.FromHours(1))
            yield return $"Interval: must be from 100 milliseconds to 1 hour, but is {Interval}.";
        if (TableCopyInterval < TimeSpan.FromMinutes(1) || TableCopyInterval > TimeSpan.FromDays(30))
            yield return $"TableCopyInterval: must be from 1 minute to 30 days, but is {TableCopyInterval}.";
        if (PlaceTimeout < TimeSpan.FromSeconds(1) || PlaceTimeout > TimeSpan.FromHours(1))
            yield return $"PlaceTimeout: must be from 1 second to 1 hour, but is {PlaceTimeout}.";
        if (Retention < TimeSpan.FromHours(1))
            yield return $"Retention: must be at least 1 hour, but is {Retention}.";
        if (Passphrase is { } text && text.Length < PassphraseMasterKey.MinLength)
            yield return $"Passphrase: must have at least {PassphraseMasterKey.MinLength} characters.";
    }
}
