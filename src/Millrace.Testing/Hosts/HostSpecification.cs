using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Testing;

/// <summary>
/// Specifies a whole application: given events, when commands come or time passes, then events, read models and dead
/// letters. Awaiting it runs it.
/// </summary>
/// <remarks>
/// <code>
/// await Specification.ForHost&lt;Shop&gt;()
///     .Given&lt;Order&gt;(order, new OrderPlaced(order, total, day))
///     .When(new PayOrder(order, "card"))
///     .Then(new OrderPaid(order, "card"))
///     .ThenReadModel(day, new DailySales(day, total));
/// </code>
/// The application runs on a store in memory and on a <see cref="ManualTimeProvider"/>. After each step all that
/// follows has happened: nothing is waited for by time. A step that is refused, a dead letter or a consumer that does
/// not get on fails the specification unless the steps that follow expect it. Not safe to use from several threads.
/// </remarks>
public sealed class HostSpecification
{
    private readonly List<HostStep> _steps = [];
    private readonly HostSetup _setup;

    internal HostSpecification(HostSetup setup) => _setup = setup;

    internal HostSpecification(MillraceTestHost host) => _setup = new HostSetup(host);

    /// <summary>Adds to the application: models, consumers, policies, another storage.</summary>
    /// <exception cref="InvalidOperationException">The specification runs on a host that has started
    /// already.</exception>
    public HostSpecification With(Action<MillraceBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _setup.Configure += configure;
        return this;
    }

    /// <summary>Adds services that handlers ask for, or puts others in their place.</summary>
    /// <exception cref="InvalidOperationException">The specification runs on a host that has started
    /// already.</exception>
    public HostSpecification WithServices(Action<IServiceCollection> services)
    {
        ArgumentNullException.ThrowIfNull(services);
        _setup.Services += services;
        return this;
    }

    /// <summary>Makes commits and reads of the storage wait or fail.</summary>
    /// <exception cref="InvalidOperationException">The specification runs on a host that has started
    /// already.</exception>
    public HostSpecification WithFaults(Action<FaultInjectingStorage> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        _setup.Faults += faults;
        return this;
    }

    /// <summary>Begins at a time; the first day of 2024 by default.</summary>
    /// <exception cref="InvalidOperationException">The specification runs on a host that has started
    /// already.</exception>
    public HostSpecification StartingAt(DateTimeOffset time)
    {
        _setup.Start = time;
        return this;
    }

    /// <summary>Says how long each step may take in real time; 30 seconds by default.</summary>
    public HostSpecification Within(TimeSpan limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero);
        _setup.Limit = limit;
        return this;
    }

    /// <summary>Says what happened before in a stream.</summary>
    public HostSpecification Given(StreamId stream, params object[] events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return Add(HostStepKind.Given, (run, cancel) => run.Append(stream, events, cancel));
    }

    /// <summary>Says what happened before to an aggregate.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="events">The events, oldest first.</param>
    public HostSpecification Given<TAggregate>(object id, params object[] events)
        where TAggregate : Aggregate
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(events);
        return Add(HostStepKind.Given, (run, cancel) => run.Append(run.StreamOf<TAggregate>(id), events, cancel));
    }

    /// <summary>Says what happened before as it stands in the store, in a shape that may have no record any
    /// more.</summary>
    /// <param name="stream">Its stream.</param>
    /// <param name="eventType">The stored name of its type: <c>order.placed</c>.</param>
    /// <param name="schemaVersion">Which shape of the type it is, from 1.</param>
    /// <param name="json">Its payload.</param>
    public HostSpecification GivenStored(StreamId stream, string eventType, int schemaVersion, string json)
    {
        var form = new SerializedEvent(eventType, schemaVersion, json);
        return Add(HostStepKind.Given, (run, cancel) => run.Append(
            stream, [NewEvent.FromBytes(form.Type, form.Bytes) with { SchemaVersion = form.SchemaVersion }], cancel));
    }

    /// <summary>Sends a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="options">For whom, in which conversation, under which idempotency key; null for none of
    /// these.</param>
    public HostSpecification When<TResult>(ICommand<TResult> command, SendOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(command);
        return Add(HostStepKind.When, (run, cancel) => run.Send(command, options, cancel));
    }

    /// <summary>
    /// Lets time pass, from one thing that is due to the next: each happens at its own moment, and settles before the
    /// clock goes on.
    /// </summary>
    public HostSpecification When(TimeSpan passes) => Add(HostStepKind.When, (run, cancel) => run.Pass(passes, cancel));

    /// <summary>Does something else: a query, a decision about a dead letter, several commands at once.</summary>
    public HostSpecification When(Func<MillraceTestHost, CancellationToken, Task> act)
    {
        ArgumentNullException.ThrowIfNull(act);
        return Add(HostStepKind.When, (run, cancel) => run.Act(act, cancel));
    }

    /// <summary>Expects exactly these events, in the order of the log, of all that followed in all streams.</summary>
    public HostSpecification Then(params object[] events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return Add(HostStepKind.Then, (run, cancel) => run.ThenEvents(null, events, cancel));
    }

    /// <summary>Expects that no event followed.</summary>
    public HostSpecification ThenNothing() => Then();

    /// <summary>Expects exactly these events of what followed in a stream.</summary>
    public HostSpecification ThenIn(StreamId stream, params object[] events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return Add(HostStepKind.Then, (run, cancel) => run.ThenEvents(stream, events, cancel));
    }

    /// <summary>Expects exactly these events of what followed in the stream of an aggregate.</summary>
    public HostSpecification ThenIn<TAggregate>(object id, params object[] events)
        where TAggregate : Aggregate
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(events);
        return Add(HostStepKind.Then, (run, cancel) => run.ThenEvents(run.StreamOf<TAggregate>(id), events, cancel));
    }

    /// <summary>Expects what the last command answered.</summary>
    public HostSpecification ThenResult<TResult>(TResult expected) =>
        Add(HostStepKind.Then, (run, _) => run.ThenResult(expected));

    /// <summary>Expects a refusal by a rule of the domain.</summary>
    /// <param name="invariant">The rule's name.</param>
    public HostSpecification ThenRefused(string invariant)
    {
        ArgumentException.ThrowIfNullOrEmpty(invariant);
        return Add(HostStepKind.ThenFailed, (run, _) => run.ThenRefused(invariant));
    }

    /// <summary>Expects an error.</summary>
    /// <param name="look">Looks at it; null for no more than its type.</param>
    public HostSpecification ThenThrew<TException>(Action<TException>? look = null)
        where TException : Exception =>
        Add(HostStepKind.ThenFailed, (run, _) => run.ThenThrew(look));

    /// <summary>Expects the document of a key: of one projection, or of all that give such documents.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expected">The document, compared as it is stored.</param>
    /// <param name="projection">The projection's name; null for every projection that gives such documents.</param>
    public HostSpecification ThenReadModel<TKey, TDocument>(TKey key, TDocument expected, string? projection = null)
        where TKey : notnull
        where TDocument : class
    {
        ArgumentNullException.ThrowIfNull(expected);
        return Add(HostStepKind.Then, (run, cancel) => run.ThenDocument(key, expected, projection, cancel));
    }

    /// <summary>Expects that a key has no document.</summary>
    /// <param name="key">The key.</param>
    /// <param name="projection">The projection's name; null for every projection that gives such documents.</param>
    public HostSpecification ThenNoReadModel<TKey, TDocument>(TKey key, string? projection = null)
        where TKey : notnull
        where TDocument : class =>
        Add(HostStepKind.Then, (run, cancel) => run.ThenDocument<TKey, TDocument>(key, null, projection, cancel));

    /// <summary>Expects that a consumer parked an event, one for each time this is called.</summary>
    /// <param name="consumer">The consumer; of a projection its collection, such as <c>daily-sales@1</c>.</param>
    /// <param name="look">Looks at the letter; null for no more than that.</param>
    public HostSpecification ThenDeadLetter(string consumer, Action<Millrace.Storage.DeadLetter>? look = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(consumer);
        return Add(HostStepKind.ThenDeadLetter, (run, _) => run.ThenDeadLetter(consumer, look));
    }

    /// <summary>Looks at the consistency token that the last command answered.</summary>
    public HostSpecification ThenToken(Action<ConsistencyToken> look)
    {
        ArgumentNullException.ThrowIfNull(look);
        return Add(HostStepKind.Then, (run, _) => run.ThenToken(look));
    }

    /// <summary>Looks at anything of the application, at what failed too.</summary>
    public HostSpecification ThenOn(Func<MillraceTestHost, CancellationToken, Task> look)
    {
        ArgumentNullException.ThrowIfNull(look);
        return Add(HostStepKind.ThenOn, (run, cancel) => run.Look(look, cancel));
    }

    /// <summary>Runs it.</summary>
    /// <exception cref="SpecificationException">Something did not happen as specified; shows where it differs, and what
    /// went before.
    /// </exception>
    /// <exception cref="TimeoutException">A step took longer than allowed; says who was at what.</exception>
    public async Task Run(CancellationToken cancellationToken = default)
    {
        await using var lease = await _setup.Open(cancellationToken);
        var run = new HostRun(lease.Host, _setup.Limit);
        for (var i = 0; i < _steps.Count; i++)
        {
            run.Expected = Expected(i);
            if (_steps[i].Kind == HostStepKind.When)
                run.RequirePassed();
            if (StartsNewPart(i))
                run.RequireNothingLeft();
            await _steps[i].Run(run, cancellationToken);
        }
        run.RequirePassed();
    }

    /// <summary>Runs it.</summary>
    public TaskAwaiter GetAwaiter() => Run().GetAwaiter();

    /// <summary>What the steps up to the next command look at.</summary>
    private HashSet<HostStepKind> Expected(int step) =>
        [.. _steps.Skip(step + 1).TakeWhile(next => next.Kind != HostStepKind.When).Select(next => next.Kind),
            .. _steps.Skip(step + 1).Take(1).Select(next => next.Kind)];

    /// <summary>Whether something happens, and what came of that before has been looked at.</summary>
    private bool StartsNewPart(int step) =>
        _steps[step].Kind == HostStepKind.When
        || (
            _steps[step].Kind == HostStepKind.Given
            && step > 0
            && _steps[step - 1].Kind is not (HostStepKind.Given or HostStepKind.When));

    private HostSpecification Add(HostStepKind kind, Func<HostRun, CancellationToken, Task> run)
    {
        _steps.Add(new HostStep(kind, run));
        return this;
    }
}
