using System.Runtime.CompilerServices;

namespace Millrace.Testing;

/// <summary>
/// Specifies a process: given events, when others come or time passes, then commands are sent, and the instance waits,
/// ends or is undone. Awaiting it runs it.
/// </summary>
/// <remarks>
/// <code>
/// await Specification.ForProcess&lt;Fulfilment, string&gt;("7")
///     .Given(new OrderPlaced("7", 30))
///     .When(TimeSpan.FromDays(3))
///     .ThenSent(new RefundPayment("7"), new ReleaseStock("7"))
///     .ThenCompensated();
/// </code>
/// The process runs as it does in production, on a store in memory and a clock that stands still until time passes. Its
/// commands are noted and go nowhere: each succeeds, unless <see cref="Refusing"/> or <see cref="Failing"/> says
/// otherwise. Not safe to use from several threads.
/// </remarks>
/// <typeparam name="TId">What tells instances apart.</typeparam>
public sealed class ProcessSpecification<TId>
    where TId : IParsable<TId>
{
    private readonly List<Func<ProcessSpecificationRun, CancellationToken, Task>> _steps = [];
    private readonly ProcessDefinition<TId> _process;
    private readonly string _id;
    private SpecificationModel? _model;

    internal ProcessSpecification(ProcessDefinition<TId> process, TId id, SpecificationModel? model) =>
        (_process, _id, _model) = (process, KeyText.Of(id), model);

    /// <summary>Names the model whose events and commands the process is about; by default that of its
    /// assembly.</summary>
    public ProcessSpecification<TId> WithModel<TModel>()
        where TModel : IModel
    {
        _model = SpecificationModel.Of<TModel>();
        return this;
    }

    /// <summary>From here on the domain refuses a command.</summary>
    /// <param name="message">Why; part of the instance's reason.</param>
    public ProcessSpecification<TId> Refusing<TCommand>(string message = "It is refused.") => Add(trial =>
        trial.Outcomes[typeof(TCommand)] = _ => new InvariantViolatedException("specification", "refused", message));

    /// <summary>From here on a command fails.</summary>
    /// <param name="error">With what.</param>
    /// <param name="times">How often, before it succeeds again; null for ever.</param>
    public ProcessSpecification<TId> Failing<TCommand>(Exception error, int? times = null)
    {
        ArgumentNullException.ThrowIfNull(error);
        return Add(trial =>
            trial.Outcomes[typeof(TCommand)] = failures => failures < (times ?? int.MaxValue) ? error : null);
    }

    /// <summary>From here on a command succeeds again.</summary>
    public ProcessSpecification<TId> Accepting<TCommand>() => Add(trial => trial.Outcomes.Remove(typeof(TCommand)));

    /// <summary>Says what happened before; what the process did then is not looked at.</summary>
    public ProcessSpecification<TId> Given(params object[] events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return Add((trial, cancel) => trial.Take("Given", events, cancel));
    }

    /// <summary>Says that time passed before.</summary>
    public ProcessSpecification<TId> Given(TimeSpan passed) =>
        Add((trial, cancel) => trial.Pass("Given", passed, cancel));

    /// <summary>Events come, one after the other.</summary>
    public ProcessSpecification<TId> When(params object[] events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return Add((trial, cancel) =>
        {
            trial.Begin();
            return trial.Take("When", events, cancel);
        });
    }

    /// <summary>Time passes, from one thing that is due to the next.</summary>
    public ProcessSpecification<TId> When(TimeSpan passes) => Add((trial, cancel) =>
    {
        trial.Begin();
        return trial.Pass("When", passes, cancel);
    });

    /// <summary>A person decides about the instance, with the operations of <see cref="Processes"/>.</summary>
    public ProcessSpecification<TId> When(Func<Processes, CancellationToken, Task> decide)
    {
        ArgumentNullException.ThrowIfNull(decide);
        return Add((trial, cancel) =>
        {
            trial.Begin();
            return trial.Decide(decide, cancel);
        });
    }

    /// <summary>Expects exactly these commands, in this order, compared as they are stored; also those that
    /// failed.</summary>
    public ProcessSpecification<TId> ThenSent(params object[] commands)
    {
        ArgumentNullException.ThrowIfNull(commands);
        return Add(trial => trial.RequireSent(commands));
    }

    /// <summary>Expects that no command was sent.</summary>
    public ProcessSpecification<TId> ThenSentNothing() => ThenSent();

    /// <summary>Expects that the instance is in exactly these parts.</summary>
    /// <param name="parts">Their names.</param>
    public ProcessSpecification<TId> ThenIn(params string[] parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return Add((trial, cancel) => trial.RequireParts(parts, cancel));
    }

    /// <summary>Expects that the instance goes on by itself after a time: to try again, or because a time limit is
    /// over.</summary>
    /// <param name="after">How long from now; null for not by itself.</param>
    public ProcessSpecification<TId> ThenDue(TimeSpan? after) =>
        Add((trial, cancel) => trial.RequireDue(after, cancel));

    /// <summary>Expects where the instance stands.</summary>
    /// <param name="state">The state.</param>
    /// <param name="reason">A part of its reason; null for any.</param>
    public ProcessSpecification<TId> ThenState(ProcessState state, string? reason = null) =>
        Add((trial, cancel) => trial.RequireState(state, reason, cancel));

    /// <summary>Expects that all is done.</summary>
    public ProcessSpecification<TId> ThenCompleted() => ThenState(ProcessState.Completed);

    /// <summary>Expects that all that was done is undone.</summary>
    /// <param name="reason">A part of the reason; null for any.</param>
    public ProcessSpecification<TId> ThenCompensated(string? reason = null) =>
        ThenState(ProcessState.Compensated, reason);

    /// <summary>Expects that a person is called.</summary>
    /// <param name="reason">A part of the reason; null for any.</param>
    public ProcessSpecification<TId> ThenHeld(string? reason = null) => ThenState(ProcessState.Held, reason);

    /// <summary>Expects that no instance was begun.</summary>
    public ProcessSpecification<TId> ThenNotStarted() => Add((trial, cancel) => trial.RequireNone(cancel));

    /// <summary>Runs it.</summary>
    /// <exception cref="SpecificationException">Something did not happen as specified; shows what differs, and what
    /// went before.
    /// </exception>
    public async Task Run(CancellationToken cancellationToken = default)
    {
        var model = _model ?? throw new SpecificationException(
            $"The process '{_process.Name}' is in an assembly that has no [Model]: name one by WithModel<TModel>().");
        await using var trial = await ProcessSpecificationRun.Start(model, _process, _id, cancellationToken);
        foreach (var step in _steps)
            await step(trial, cancellationToken);
    }

    /// <summary>Runs it.</summary>
    public TaskAwaiter GetAwaiter() => Run().GetAwaiter();

    private ProcessSpecification<TId> Add(Action<ProcessSpecificationRun> step) => Add((trial, _) =>
    {
        step(trial);
        return Task.CompletedTask;
    });

    private ProcessSpecification<TId> Add(Func<ProcessSpecificationRun, CancellationToken, Task> step)
    {
        _steps.Add(step);
        return this;
    }
}
