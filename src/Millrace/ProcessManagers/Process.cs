using Millrace.ProcessManagers;

namespace Millrace;

/// <summary>
/// A process that runs over time. It defines the event that starts an instance, the commands to send, the events to
/// wait for, and the compensation if a step fails. The state of an instance is a stream of events,
/// <c>process-NAME-ID</c>, with each step and decision.
/// </summary>
/// <typeparam name="TId">The id of instances, such as the id of the order.</typeparam>
public abstract class Process<TId>
    where TId : IParsable<TId>
{
    /// <summary>
    /// Defines the process. Millrace calls this method once, when the application starts. It must have no side effects.
    /// </summary>
    protected abstract void Define(ProcessBuilder<TId> process);

    internal ProcessPlan Plan()
    {
        var builder = new ProcessBuilder<TId>();
        Define(builder);
        return builder.Build();
    }
}
