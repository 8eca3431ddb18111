namespace Millrace.Cli.Sql.Editing;

/// <summary>A terminal that can move its cursor.</summary>
internal interface ITerminal
{
    /// <summary>Gets the number of columns.</summary>
    int Width { get; }

    /// <summary>Gets the number of rows.</summary>
    int Height { get; }

    /// <summary>Gets whether further keys are there already, as those of a pasted text.</summary>
    bool HasKeys { get; }

    /// <summary>Writes text and control sequences.</summary>
    void Write(string text);

    /// <summary>Waits for the next key.</summary>
    ValueTask<ConsoleKeyInfo> ReadKey(CancellationToken cancellationToken);

    /// <summary>Waits for Ctrl-C. Other keys remain for <see cref="ReadKey"/>.</summary>
    Task WaitForStop(CancellationToken cancellationToken);
}
