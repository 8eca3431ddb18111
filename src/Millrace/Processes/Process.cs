namespace Millrace;

/// <summary>
/// A process over time: the event that starts it, the commands that it sends, the events that it waits for, and its
/// compensation if a step fails. Its state is a stream of events, <c>process-NAME-ID</c>, with each step and decision.
/// </summary>
/// <typeparam name="TId">The id of instances, such as the id of the order.</typeparam>
public abstract class Process<TId>
    where TId : IParsable<TId>
{
    /// <summary>Defines the process. Called once, when the application starts. It must have no side effects.</summary>
    protected abstract void Define(ProcessBuilder<TId> process);

    internal ProcessPlan Plan()
    {
        var builder = new ProcessBuilder<TId>();
        Define(builder);
        return builder.Build();
    }
}
