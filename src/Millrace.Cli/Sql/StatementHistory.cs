using System.Text.Json;

namespace Millrace.Cli.Sql;

/// <summary>
/// The statements of earlier sessions of the user, oldest first, in a file that only the user can read. It has no
/// answers. A file that cannot be used does not stop the session.
/// </summary>
internal sealed class StatementHistory
{
    /// <summary>The maximum number of statements.</summary>
    public const int MaxStatements = 1_000;

    private const long MaxFileBytes = 16 * 1024 * 1024;

    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerDirectory = OwnerFile | UnixFileMode.UserExecute;

    private readonly string? _file;
    private readonly List<string> _statements = [];

    /// <param name="file">The file; null if statements are only kept during the session.</param>
    private StatementHistory(string? file) => _file = file;

    /// <summary>Gets why statements are not kept; null if they are, or the user does not want it.</summary>
    public string? Problem { get; private set; }

    public IReadOnlyList<string> Statements => _statements;

    /// <summary>Gets the file in the user's data directory; null if the system has none.</summary>
    public static string? DefaultFile =>
        Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify)
            is { Length: > 0 } directory
                ? Path.Combine(directory, "millrace", "sql-history.jsonl")
                : null;

    /// <summary>Reads the statements of a file, and keeps the latest.</summary>
    /// <param name="file">The file; null for a history that ends with the session.</param>
    public static StatementHistory Open(string? file)
    {
        var history = new StatementHistory(file);
        history.Try(history.Load);
        return history;
    }

    /// <summary>Adds a statement, unless it is the last one.</summary>
    public void Add(string statement)
    {
        if (_statements.Count > 0 && _statements[^1] == statement)
            return;
        _statements.Add(statement);
        if (_statements.Count > MaxStatements)
            _statements.RemoveAt(0);
        Try(() => Write(FileMode.Append, [statement]));
    }

    private void Load()
    {
        if (_file is null || !File.Exists(_file))
            return;
        if (new FileInfo(_file).Length > MaxFileBytes)
            throw new IOException($"It has more than {MaxFileBytes:N0} bytes. Remove it.");
        var lines = File.ReadAllLines(_file);
        _statements.AddRange(lines.Select(Read).OfType<string>().TakeLast(MaxStatements));
        if (lines.Length > 2 * MaxStatements)
            Write(FileMode.Create, _statements);
    }

    /// <summary>Returns the statement of a line; null for a line that is incomplete.</summary>
    private static string? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, HistoryJson.Default.String);
        }
        catch (JsonException)
        {
            return null; // Another session was killed while it wrote the line.
        }
    }

    private void Write(FileMode mode, IEnumerable<string> statements)
    {
        if (_file is null)
            return;
        CreateDirectory(Path.GetDirectoryName(_file)!); // The file has a directory.
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerFile;
        using var output = new FileStream(_file, options);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(output.SafeFileHandle, OwnerFile); // Of a file that existed, too.
        foreach (var statement in statements)
            output.Write([.. JsonSerializer.SerializeToUtf8Bytes(statement, HistoryJson.Default.String), (byte)'\n']);
    }

    private static void CreateDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory);
        else
            Directory.CreateDirectory(directory, OwnerDirectory);
    }

    private void Try(Action access)
    {
        if (Problem is not null)
            return;
        try
        {
            access();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Problem = $"The history '{_file}' cannot be used: {exception.Message}";
        }
    }
}
