using Microsoft.Extensions.Logging;

/// <summary>Writes each logged warning as a line of the form "WARNING number message".</summary>
internal sealed class WarningLines(TextWriter output) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            output.WriteLine($"WARNING {eventId.Id} {formatter(state, exception)}");
    }

    public void Dispose()
    {
    }
}
