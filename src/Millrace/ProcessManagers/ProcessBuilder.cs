using Millrace.ProcessManagers;

namespace Millrace;

/// <summary>Defines the parts of a process, in the order in which they run.</summary>
public sealed class ProcessBuilder<TId>
    where TId : IParsable<TId>
{
    private readonly List<ProcessNode> _nodes = [];
    private readonly ProcessBuilder<TId> _root;
    private readonly List<(Type Event, Func<object, string> IdOf, bool Begins)> _routes = [];
    private readonly List<(int Version, IReadOnlyDictionary<string, string> Names)> _continued = [];
    private UnexpectedEvents _unexpected;
    private EarlyEventRule? _early;

    internal ProcessBuilder() => _root = this;

    private ProcessBuilder(ProcessBuilder<TId> root) => _root = root;

    /// <summary>Starts an instance with an event. If the instance exists, it is not started again.</summary>
    /// <param name="idOf">Returns the id of the instance.</param>
    public ProcessBuilder<TId> StartOn<TEvent>(Func<TEvent, TId> idOf)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(idOf);
        _root._routes.Add((typeof(TEvent), data => KeyText.Of(idOf((TEvent)data)), true));
        return this;
    }

    /// <summary>
    /// Sends a command. One commit contains the effect of the command and the completion of the step.
    /// </summary>
    /// <param name="name">The stable name of the step.</param>
    /// <param name="command">Creates the command from the id of the instance.</param>
    public ProcessBuilder<TId> Step<TResult>(string name, Func<TId, ICommand<TResult>> command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return Add(new StepNode(name, (id, _) => command(Parse(id)), null));
    }

    /// <summary>Sends a command, and another command to compensate it if a later part fails.</summary>
    /// <param name="name">The stable name of the step.</param>
    /// <param name="command">Creates the command from the id of the instance.</param>
    /// <param name="compensate">Creates the command that compensates the step. The process also sends this command if
    /// it is unknown whether the step had an effect outside the store. The command must therefore do nothing if the
    /// step had no effect.</param>
    public ProcessBuilder<TId> Step<TResult, TUndone>(
        string name, Func<TId, ICommand<TResult>> command, Func<TId, ICommand<TUndone>> compensate)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(compensate);
        return Add(new StepNode(name, (id, _) => command(Parse(id)), id => compensate(Parse(id))));
    }

    /// <summary>Sends a command that is created from an event that was received before.</summary>
    /// <inheritdoc cref="Step{TResult}(string, Func{TId, ICommand{TResult}})"/>
    public ProcessBuilder<TId> Step<TEvent, TResult>(string name, Func<TId, TEvent, ICommand<TResult>> command)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(command);
        return Add(
            new StepNode(name, (id, data) => command(Parse(id), (TEvent)data!), null) { EventType = typeof(TEvent) }
        );
    }

    /// <summary>
    /// Sends a command that is created from an event that was received before, and another command to compensate it.
    /// </summary>
    /// <inheritdoc cref="Step{TResult, TUndone}(string, Func{TId, ICommand{TResult}}, Func{TId, ICommand{TUndone}})"/>
    public ProcessBuilder<TId> Step<TEvent, TResult, TUndone>(
        string name, Func<TId, TEvent, ICommand<TResult>> command, Func<TId, ICommand<TUndone>> compensate)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(compensate);
        return Add(new StepNode(name, (id, data) => command(Parse(id), (TEvent)data!), id => compensate(Parse(id)))
        {
            EventType = typeof(TEvent),
        });
    }

    /// <summary>
    /// Sets the retries of the previous step. By default a step has five attempts, with pauses from 1 second to 1
    /// minute.
    /// </summary>
    /// <param name="attempts">The maximum number of attempts, from 1 to 100.</param>
    /// <param name="delay">The pause before the second attempt, doubled for each further one.</param>
    /// <param name="maxDelay">The maximum pause; null for one minute, or <paramref name="delay"/> if that is
    /// longer.</param>
    public ProcessBuilder<TId> Retry(int attempts, TimeSpan delay, TimeSpan? maxDelay = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempts, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(attempts, 100);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.FromMilliseconds(1));
        var longestDelay = maxDelay ?? (delay > TimeSpan.FromMinutes(1) ? delay : TimeSpan.FromMinutes(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(longestDelay, delay, nameof(maxDelay));
        return Change(step => step with { Retry = new ProcessRetry(attempts, delay, longestDelay) });
    }

    /// <summary>
    /// Declares an error of the previous step as final, so that the step is not retried. If the error occurs in the
    /// first attempt, the process assumes that the step had no effect and does not compensate it. Domain refusals are
    /// always final in this way. After a time-out, an unavailable response or a
    /// <see cref="Messaging.RequestRefusedException"/> that is not settled, the other service may have handled the
    /// request. The process then does not retry the step but compensates it.
    /// </summary>
    public ProcessBuilder<TId> FailsOn<TException>()
        where TException : Exception =>
        Change(step => step with { FailsOn = [.. step.FailsOn, typeof(TException)] });

    /// <summary>Starts several steps together. The next part waits for all of them.</summary>
    /// <param name="name">The stable name of the group.</param>
    /// <param name="steps">Adds the steps; no other parts are allowed.</param>
    public ProcessBuilder<TId> Parallel(string name, Action<ProcessBuilder<TId>> steps)
    {
        var nodes = BuildInner(steps);
        if (nodes.Count == 0 || nodes.Any(node => node is not StepNode))
            throw new ArgumentException(
                $"'{name}' is a group of steps: it can contain only steps.", nameof(steps));
        return Add(new ParallelNode(name, [.. nodes.Cast<StepNode>()]));
    }

    /// <summary>
    /// Waits for an event. If the event arrived earlier, while the instance was running, the process continues
    /// immediately.
    /// </summary>
    /// <param name="correlate">Returns the id of the instance that waits for the event.</param>
    /// <param name="within">The maximum time to wait; null for no limit.</param>
    /// <param name="name">The stable name of the part; <c>await-</c> and the name of the type by default.</param>
    /// <param name="onTimeout">The action if the event does not arrive in time.</param>
    public ProcessBuilder<TId> Await<TEvent>(
        Func<TEvent, TId> correlate,
        TimeSpan? within = null,
        string? name = null,
        TimeoutRule onTimeout = TimeoutRule.Fail)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(correlate);
        if (within is { } limit)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero, nameof(within));
        _root._routes.Add((typeof(TEvent), data => KeyText.Of(correlate((TEvent)data)), false));
        return Add(
            new AwaitNode(
                name ?? "await-" + ProcessNames.Dashed(typeof(TEvent).Name), typeof(TEvent), within, onTimeout));
    }

    /// <summary>Selects one of two branches by an event that was received before. The decision is recorded.</summary>
    /// <param name="name">The stable name of the decision.</param>
    /// <param name="decide">A pure function of the last received event of the type.</param>
    /// <param name="then">The branch for true.</param>
    /// <param name="otherwise">The branch for false; empty by default.</param>
    public ProcessBuilder<TId> When<TEvent>(
        string name,
        Func<TEvent, bool> decide,
        Action<ProcessBuilder<TId>> then,
        Action<ProcessBuilder<TId>>? otherwise = null)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(decide);
        return Add(
            new DecisionNode(
                name,
                typeof(TEvent),
                data => decide((TEvent)data),
                BuildInner(then),
                otherwise is null ? [] : BuildInner(otherwise)));
    }

    /// <summary>
    /// Sets the point of no return. After this point the process compensates no step. It retries a failed step, and
    /// then holds the instance until a user decides.
    /// </summary>
    public ProcessBuilder<TId> PointOfNoReturn(string name = "point-of-no-return") => Add(new NoReturnNode(name));

    /// <summary>Sets the action for events that no instance waits for.</summary>
    public ProcessBuilder<TId> OnUnexpected(UnexpectedEvents rule)
    {
        _root._unexpected = rule;
        return this;
    }

    /// <summary>
    /// Keeps events that arrive before the event that starts their instance. When the instance starts, it receives them
    /// immediately, in their order. <see cref="OnUnexpected"/> defines the action for events that expire or exceed a
    /// maximum. The instance still starts when its event arrives.
    /// </summary>
    /// <param name="within">The time for which each event is kept; from 1 millisecond to 400 days.</param>
    /// <param name="maxEvents">The maximum number of events for an instance; from 1 to 1,000.</param>
    /// <param name="maxInstances">The maximum number of instances that have not started; from 1 to 1,000,000.</param>
    public ProcessBuilder<TId> WaitForStart(TimeSpan within, int maxEvents = 100, int maxInstances = 10_000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(within, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(within, TimeSpan.FromDays(400));
        ArgumentOutOfRangeException.ThrowIfLessThan(maxEvents, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxEvents, 1_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxInstances, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxInstances, 1_000_000);
        _root._early = new EarlyEventRule(within, maxEvents, maxInstances);
        return this;
    }

    /// <summary>Takes over the open instances of an earlier version that no class defines.</summary>
    /// <param name="version">The earlier version.</param>
    /// <param name="renamed">The parts that have a new name. They are renamed together, so that two parts can exchange
    /// their names.</param>
    /// <exception cref="ArgumentException">A part has two new names, or two parts have the same new name.</exception>
    public ProcessBuilder<TId> Continues(int version, params IReadOnlyList<(string From, string To)> renamed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        ArgumentNullException.ThrowIfNull(renamed);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (from, to) in renamed)
        {
            if (!names.TryAdd(from, to))
                throw new ArgumentException($"'{from}' has two new names: give it one.", nameof(renamed));
        }
        if (names.Values.CountBy(to => to, StringComparer.Ordinal).FirstOrDefault(to => to.Value > 1).Key is { } twice)
            throw new ArgumentException(
                $"Two parts would have the name '{twice}': give each of them its own name.", nameof(renamed));
        _root._continued.Add((version, names));
        return this;
    }

    internal ProcessPlan Build() => new(_nodes, _routes, _continued, _unexpected)
    {
        Early = _early,
        FormerId = KeyText.HasFormerText(typeof(TId)) ? static id => KeyText.FormerTextOf(Parse(id)) : static _ => null,
    };

    private static TId Parse(string id) => TId.Parse(id, System.Globalization.CultureInfo.InvariantCulture);

    private List<ProcessNode> BuildInner(Action<ProcessBuilder<TId>> define)
    {
        ArgumentNullException.ThrowIfNull(define);
        var inner = new ProcessBuilder<TId>(_root);
        define(inner);
        return inner._nodes;
    }

    private ProcessBuilder<TId> Add(ProcessNode node)
    {
        if (ConsumerDefinition.NameProblem(node.Name) is { } problem)
            throw new InvalidNameException("part of a process", node.Name, problem);
        _nodes.Add(node);
        return this;
    }

    private ProcessBuilder<TId> Change(Func<StepNode, StepNode> change)
    {
        if (_nodes.Count == 0 || _nodes[^1] is not StepNode step)
            throw new InvalidOperationException("Retry and FailsOn must directly follow the step that they apply to.");
        _nodes[^1] = change(step);
        return this;
    }
}
