using System.Runtime.CompilerServices;
using Millrace.Testing.ProcessManagers;
using Millrace.Testing.Specifications;

namespace Millrace.Testing;

/// <summary>
/// Specifies a process. Given events, when other events arrive or the clock advances, then the process sends commands,
/// and the instance waits, completes or is compensated. Awaiting the specification runs it.
/// </summary>
/// <remarks>
/// <code>
/// await Specification.ForProcess&lt;Fulfilment, string&gt;("7")
///     .Given(new OrderPlaced("7", 30))
///     .When(TimeSpan.FromDays(3))
///     .ThenSent(new RefundPayment("7"), new ReleaseStock("7"))
///     .ThenCompensated();
/// </code>
/// The process runs as in production, on an in-memory store and a manual clock. The specification records the process's
/// commands but does not execute them. Each command succeeds, unless <see cref="Refusing"/> or <see cref="Failing"/>
/// specifies otherwise. Not thread-safe.
/// </remarks>
/// <typeparam name="TId">The id that distinguishes instances.</typeparam>
public sealed class ProcessSpecification<TId>
    where TId : IParsable<TId>
{
    private readonly List<Func<ProcessSpecificationRun, CancellationToken, Task>> _steps = [];
    private readonly ProcessDefinition<TId> _process;
    private readonly string _id;
    private SpecificationModel? _model;

    internal ProcessSpecification(ProcessDefinition<TId> process, TId id, SpecificationModel? model) =>
        (_process, _id, _model) = (process, KeyText.Of(id), model);

    /// <summary>
    /// Sets the model with the process's events and commands. The default is the model of the process's assembly.
    /// </summary>
    public ProcessSpecification<TId> WithModel<TModel>()
        where TModel : IModel
    {
        _model = SpecificationModel.Of<TModel>();
        return this;
    }

    /// <summary>Makes the domain refuse a command in the following steps.</summary>
    /// <param name="message">The message, which becomes part of the reason of the instance.</param>
    public ProcessSpecification<TId> Refusing<TCommand>(string message = "It is refused.") => Add(run =>
        run.Outcomes[typeof(TCommand)] = _ => new InvariantViolatedException("specification", "refused", message));

    /// <summary>Makes a command fail in the following steps.</summary>
    /// <param name="error">The exception.</param>
    /// <param name="times">The number of failures before the command succeeds again; null to make it always
    /// fail.</param>
    public ProcessSpecification<TId> Failing<TCommand>(Exception error, int? times = null)
    {
        ArgumentNullException.ThrowIfNull(error);
        return Add(run =>
            run.Outcomes[typeof(TCommand)] = failures => failures < (times ?? int.MaxValue) ? error : null);
    }

    /// <summary>Makes a command succeed again in the following steps.</summary>
    public ProcessSpecification<TId> Accepting<TCommand>() => Add(run => run.Outcomes.Remove(typeof(TCommand)));

    /// <summary>Adds earlier events. The specification does not check the resulting commands.</summary>
    public ProcessSpecification<TId> Given(params object[] events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return Add((run, cancel) => run.PassEvents("Given", events, cancel));
    }

    /// <summary>Adds an earlier period of time.</summary>
    public ProcessSpecification<TId> Given(TimeSpan passed) =>
        Add((run, cancel) => run.AdvanceClock("Given", passed, cancel));

    /// <summary>Passes events to the process, in order.</summary>
    public ProcessSpecification<TId> When(params object[] events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return Add((run, cancel) =>
        {
            run.StartPart();
            return run.PassEvents("When", events, cancel);
        });
    }

    /// <summary>Advances the clock from one due time to the next.</summary>
    public ProcessSpecification<TId> When(TimeSpan passes) => Add((run, cancel) =>
    {
        run.StartPart();
        return run.AdvanceClock("When", passes, cancel);
    });

    /// <summary>
    /// Executes decisions of an operator about the instance, with the operations of <see cref="Processes"/>.
    /// </summary>
    public ProcessSpecification<TId> When(Func<Processes, CancellationToken, Task> decide)
    {
        ArgumentNullException.ThrowIfNull(decide);
        return Add((run, cancel) =>
        {
            run.StartPart();
            return run.Decide(decide, cancel);
        });
    }

    /// <summary>
    /// Expects exactly these commands, including failed commands, in this order. The commands are compared in their
    /// stored form.
    /// </summary>
    public ProcessSpecification<TId> ThenSent(params object[] commands)
    {
        ArgumentNullException.ThrowIfNull(commands);
        return Add(run => run.RequireSent(commands));
    }

    /// <summary>Expects that no command was sent.</summary>
    public ProcessSpecification<TId> ThenSentNothing() => ThenSent();

    /// <summary>Expects that the instance is in exactly these steps.</summary>
    /// <param name="parts">The names of the steps.</param>
    public ProcessSpecification<TId> ThenIn(params string[] parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return Add((run, cancel) => run.RequireParts(parts, cancel));
    }

    /// <summary>Expects that the instance continues after a time, because of a retry or a time limit.</summary>
    /// <param name="after">The time from now; null if the instance does not continue without an event.</param>
    public ProcessSpecification<TId> ThenDue(TimeSpan? after) =>
        Add((run, cancel) => run.RequireDue(after, cancel));

    /// <summary>Expects the state of the instance.</summary>
    /// <param name="state">The state.</param>
    /// <param name="reason">A part of its reason; null for any reason.</param>
    public ProcessSpecification<TId> ThenState(ProcessState state, string? reason = null) =>
        Add((run, cancel) => run.RequireState(state, reason, cancel));

    /// <summary>Expects that the instance is completed.</summary>
    public ProcessSpecification<TId> ThenCompleted() => ThenState(ProcessState.Completed);

    /// <summary>Expects that the instance is compensated.</summary>
    /// <param name="reason">A part of the reason; null for any reason.</param>
    public ProcessSpecification<TId> ThenCompensated(string? reason = null) =>
        ThenState(ProcessState.Compensated, reason);

    /// <summary>Expects that the instance waits for an operator.</summary>
    /// <param name="reason">A part of the reason; null for any reason.</param>
    public ProcessSpecification<TId> ThenWaitsForOperator(string? reason = null) =>
        ThenState(ProcessState.Held, reason);

    /// <summary>Expects that no instance was started.</summary>
    public ProcessSpecification<TId> ThenNotStarted() => Add((run, cancel) => run.RequireNone(cancel));

    /// <summary>Runs the specification.</summary>
    /// <exception cref="SpecificationException">The result differs from the specification. The message contains the
    /// differences and the earlier steps.</exception>
    public async Task Run(CancellationToken cancellationToken = default)
    {
        var model = _model ?? throw new SpecificationException(
            $"The process '{_process.Name}' is in an assembly that has no [Model]: name one by WithModel<TModel>().");
        await using var run = await ProcessSpecificationRun.Start(model, _process, _id, cancellationToken);
        foreach (var step in _steps)
            await step(run, cancellationToken);
    }

    /// <summary>Runs the specification.</summary>
    public TaskAwaiter GetAwaiter() => Run().GetAwaiter();

    private ProcessSpecification<TId> Add(Action<ProcessSpecificationRun> step) => Add((run, _) =>
    {
        step(run);
        return Task.CompletedTask;
    });

    private ProcessSpecification<TId> Add(Func<ProcessSpecificationRun, CancellationToken, Task> step)
    {
        _steps.Add(step);
        return this;
    }
}
