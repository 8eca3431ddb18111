namespace Millrace.Cli.Output;

/// <summary>
/// Reports progress synchronously, on the reporting thread. <see cref="Progress{T}"/> does not preserve the order.
/// </summary>
internal sealed class SynchronousProgress<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
