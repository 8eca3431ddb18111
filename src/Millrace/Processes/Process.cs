namespace Millrace;

/// <summary>
/// A process over time: what begins it, which commands it sends, which events it waits for, and how it is undone when a
/// step fails. Its state is a stream of events, <c>process-NAME-ID</c>, that tells each step and decision.
/// </summary>
/// <typeparam name="TId">What tells instances apart, such as the id of the order.</typeparam>
public abstract class Process<TId>
    where TId : IParsable<TId>
{
    /// <summary>Defines the process. Called once, when the application starts; it has no effects.</summary>
    protected abstract void Define(ProcessBuilder<TId> process);

    internal ProcessPlan Plan()
    {
        var builder = new ProcessBuilder<TId>();
        Define(builder);
        return builder.Build();
    }
}
