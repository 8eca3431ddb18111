namespace Millrace.Cli.Sql;

/// <summary>
/// A session of statements, which end with a semicolon, and of commands, which start with a dot. An error ends a
/// statement, and not the session.
/// </summary>
/// <param name="sql">The service.</param>
/// <param name="input">The statements and commands of the user.</param>
/// <param name="output">The messages and errors.</param>
/// <param name="write">Writes an answer in a format.</param>
internal sealed class SqlShell(
    ISqlService sql, ISqlInput input, TextWriter output, Action<SqlAnswer, SqlFormat> write)
{
    public const string Prompt = "sql> ";
    public const string FurtherPrompt = "...> ";

    private const string Help = """
        End a statement with a semicolon. Tab completes names. Ctrl-C ends a statement.
        .views          lists the views
        .schema VIEW    shows the columns of a view
        .format FORMAT  shows answers as table, csv or json
        .help           shows this text
        .quit           ends the session

        """;

    /// <summary>Gets the commands.</summary>
    public static IReadOnlyList<string> Commands { get; } =
        [".exit", ".format", ".help", ".quit", ".schema", ".views"];

    /// <summary>Gets the formats of a session.</summary>
    public static IReadOnlyList<string> Formats { get; } = ["csv", "json", "table"];

    /// <summary>Gets or sets the format of the answers.</summary>
    public SqlFormat Format { get; set; }

    /// <summary>Returns whether a text is a command of the session, and no statement.</summary>
    public static bool IsCommand(string text) => text.AsSpan().TrimStart().StartsWith(".");

    /// <summary>Returns whether a text is a whole statement or command, so that it can run.</summary>
    public static bool IsComplete(string text) => IsCommand(text) || StatementScanner.Scan(text).IsTerminated;

    /// <summary>Reads and answers statements until the end of the input or <c>.quit</c>.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        await output.WriteAsync(Help);
        while (await input.Read(cancellationToken) is { } text)
        {
            if (IsCommand(text))
            {
                if (!await RunCommand(text.Trim(), cancellationToken))
                    return;
            }
            else if (!string.IsNullOrWhiteSpace(text.Replace(';', ' ')))
                await Answer(text, cancellationToken);
        }
    }

    /// <summary>Runs a command, and returns whether the session continues.</summary>
    private async Task<bool> RunCommand(string line, CancellationToken cancellationToken)
    {
        var words = line.TrimEnd(';').Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        switch (words)
        {
            case [".quit" or ".exit"]:
                return false;
            case [".views"]:
                await Answer("SELECT * FROM views ORDER BY name", cancellationToken);
                break;
            case [".schema", var view]:
                await Answer($"DESCRIBE \"{view.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", cancellationToken);
                break;
            case [".format"]:
                await output.WriteLineAsync(NameOf(Format));
                break;
            case [".format", var name] when Formats.Contains(name, StringComparer.OrdinalIgnoreCase):
                Format = Enum.Parse<SqlFormat>(name, ignoreCase: true);
                break;
            case [".format", var name]:
                await output.WriteLineAsync(
                    $"'{name}' is not a format of a session: use {string.Join(", ", Formats)}. For a Parquet file, "
                        + "end the session and use --format parquet --output FILE.");
                break;
            default:
                await output.WriteAsync(Help);
                break;
        }
        return true;
    }

    private async Task Answer(string statement, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            write(await RunUntilStop(statement, stop, cancellationToken), Format);
        }
        catch (MillraceException exception)
        {
            await output.WriteLineAsync(exception.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await output.WriteLineAsync("The statement was stopped.");
        }
    }

    /// <summary>Runs a statement, and cancels it when the user stops it.</summary>
    private async Task<SqlAnswer> RunUntilStop(
        string statement, CancellationTokenSource stop, CancellationToken cancellationToken)
    {
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = sql.Run(new SqlRequest(statement), stop.Token);
        var stopped = input.WaitForStop(watch.Token);
        if (await Task.WhenAny(running, stopped) == stopped && stopped.IsCompletedSuccessfully)
            await stop.CancelAsync();
        await watch.CancelAsync();
        await stopped.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await running;
    }

    private static string NameOf(SqlFormat format) => Enum.GetName(format)!.ToLowerInvariant(); // Defined.
}
