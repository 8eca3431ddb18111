namespace Millrace.Cli.Sql;

/// <summary>The input of a session of statements.</summary>
internal interface ISqlInput
{
    /// <summary>Reads the next statement or command of the session; null at the end of the input.</summary>
    ValueTask<string?> Read(CancellationToken cancellationToken);

    /// <summary>Waits until the user stops the statement that runs.</summary>
    Task WaitForStop(CancellationToken cancellationToken);
}
