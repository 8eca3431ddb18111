using Millrace.Storage.Objects;

namespace Millrace.Cli;

/// <summary>Opens places of backups, as users name them.</summary>
internal static class BackupPlaces
{
    public const string PassphraseVariable = "MILLRACE_BACKUP_PASSPHRASE";

    /// <summary>The description of the argument that names a place to read.</summary>
    public const string Description =
        "The place of backups: a directory, s3://bucket/prefix or azblob://container/prefix.";

    /// <summary>
    /// Gets the passphrase of backups; null if they are not encrypted. A passphrase is never an argument, because other
    /// users of the machine can see arguments.
    /// </summary>
    public static string? Passphrase =>
        Environment.GetEnvironmentVariable(PassphraseVariable) is { Length: > 0 } passphrase ? passphrase : null;

    /// <summary>
    /// Returns true if the text names a place of backup sets, and not a file: a directory, or a name without an
    /// extension.
    /// </summary>
    public static bool IsPlace(string text) =>
        ObjectStorageAddress.IsAddress(text) || text.EndsWith('/') || text.EndsWith(Path.DirectorySeparatorChar)
        || Directory.Exists(text) || !Path.HasExtension(text);

    /// <summary>Opens a place to read backups.</summary>
    /// <exception cref="CliException">The text does not name a place.</exception>
    public static IObjectStorage Open(string text)
    {
        if (ObjectStorageAddress.IsAddress(text))
            return ObjectStorageAddress.Open(text);
        if (File.Exists(text))
            throw new CliException(
                ExitCode.Usage,
                $"'{text}' is a file, and not a directory with backups.",
                "A copy of a store is restored by replacing the file of the store. Then start a new log epoch: "
                    + "millrace begin-log-epoch");
        return new DirectoryObjectStorage(text);
    }

    /// <summary>
    /// Opens a place to write backups. Creates a missing directory if its parent exists: otherwise its disk may not be
    /// mounted.
    /// </summary>
    /// <exception cref="CliException">The text does not name a place.</exception>
    public static IObjectStorage OpenOrCreate(string text)
    {
        var place = Open(text);
        if (ObjectStorageAddress.IsAddress(text))
            return place;
        var directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(text));
        if (!Directory.Exists(directory) && Path.GetDirectoryName(directory) is { } parent && Directory.Exists(parent))
            Directory.CreateDirectory(directory);
        return place;
    }

    /// <summary>Creates a backup or a restore, whose arguments come from the user.</summary>
    /// <exception cref="CliException">An argument is not valid, such as a short passphrase.</exception>
    public static T Create<T>(Func<T> create)
    {
        try
        {
            return create();
        }
        catch (ArgumentException exception)
        {
            throw new CliException(ExitCode.Usage, exception.Message.Split(" (Parameter", 2)[0]);
        }
    }
}
