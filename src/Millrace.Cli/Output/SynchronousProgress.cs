namespace Millrace.Cli;

/// <summary>Hands progress on at once, on the thread that reports it; <see cref="Progress{T}"/> would mix up the
/// order.</summary>
internal sealed class SynchronousProgress<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
