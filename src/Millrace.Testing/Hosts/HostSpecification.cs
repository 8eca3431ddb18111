using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Testing.Hosts;
using Millrace.Testing.Specifications;

namespace Millrace.Testing;

/// <summary>
/// Specifies a whole application. Given events, when the test sends commands or advances the clock, then events, read
/// models and dead letters follow. Awaiting the specification runs it.
/// </summary>
/// <remarks>
/// <code>
/// await Specification.ForHost&lt;Shop&gt;()
///     .Given&lt;Order&gt;(order, new OrderPlaced(order, total, day))
///     .When(new PayOrder(order, "card"))
///     .Then(new OrderPaid(order, "card"))
///     .ThenReadModel(day, new DailySales(day, total));
/// </code>
/// The application uses an in-memory store and a <see cref="ManualTimeProvider"/>. A step completes after all its
/// effects, so that no delays are necessary. A refused step, a dead letter or a stuck consumer fails the specification,
/// unless the next steps expect it. Not thread-safe.
/// </remarks>
public sealed class HostSpecification
{
    private readonly List<HostStep> _steps = [];
    private readonly HostSetup _setup;

    internal HostSpecification(HostSetup setup) => _setup = setup;

    internal HostSpecification(MillraceTestHost host) => _setup = new HostSetup(host);

    /// <summary>
    /// Configures the application, for example with more models, consumers, policies or another storage.
    /// </summary>
    /// <exception cref="InvalidOperationException">The specification runs on a host that has already
    /// started.</exception>
    public HostSpecification With(Action<MillraceBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _setup.Configure += configure;
        return this;
    }

    /// <summary>Adds or replaces services of the application.</summary>
    /// <exception cref="InvalidOperationException">The specification runs on a host that has already
    /// started.</exception>
    public HostSpecification WithServices(Action<IServiceCollection> services)
    {
        ArgumentNullException.ThrowIfNull(services);
        _setup.Services += services;
        return this;
    }

    /// <summary>Configures the faults of the storage, which can delay commits and reads or make them fail.</summary>
    /// <exception cref="InvalidOperationException">The specification runs on a host that has already
    /// started.</exception>
    public HostSpecification WithFaults(Action<FaultInjectingStorage> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        _setup.Faults += faults;
        return this;
    }

    /// <summary>Sets the start time. The default is January 1, 2024.</summary>
    /// <exception cref="InvalidOperationException">The specification runs on a host that has already
    /// started.</exception>
    public HostSpecification StartingAt(DateTimeOffset time)
    {
        _setup.Start = time;
        return this;
    }

    /// <summary>Sets the timeout of each step in real time. The default is 30 seconds.</summary>
    public HostSpecification WithTimeout(TimeSpan limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero);
        _setup.Limit = limit;
        return this;
    }

    /// <summary>Adds earlier events to a stream.</summary>
    public HostSpecification Given(StreamId stream, params object[] events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return Add(HostStepKind.Given, (run, cancel) => run.Append(stream, events, cancel));
    }

    /// <summary>Adds earlier events of an aggregate.</summary>
    /// <param name="id">The id of the aggregate.</param>
    /// <param name="events">The events, oldest first.</param>
    public HostSpecification Given<TAggregate>(object id, params object[] events)
        where TAggregate : Aggregate
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(events);
        return Add(HostStepKind.Given, (run, cancel) => run.Append(run.StreamOf<TAggregate>(id), events, cancel));
    }

    /// <summary>
    /// Adds an earlier event in its stored form, for example in a schema version that no longer has a record.
    /// </summary>
    /// <param name="stream">The stream of the event.</param>
    /// <param name="eventType">The stored name of the event type: <c>order.placed</c>.</param>
    /// <param name="schemaVersion">The schema version of the event, from 1.</param>
    /// <param name="json">The payload of the event.</param>
    public HostSpecification GivenStored(StreamId stream, string eventType, int schemaVersion, string json)
    {
        var form = new SerializedEvent(eventType, schemaVersion, json);
        return Add(HostStepKind.Given, (run, cancel) => run.Append(
            stream, [NewEvent.FromBytes(form.Type, form.Bytes) with { SchemaVersion = form.SchemaVersion }], cancel));
    }

    /// <summary>Sends a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="options">The user, the correlation and the idempotency key of the command; null to send the command
    /// without them.</param>
    public HostSpecification When<TResult>(ICommand<TResult> command, SendOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(command);
        return Add(HostStepKind.When, (run, cancel) => run.Send(command, options, cancel));
    }

    /// <summary>
    /// Advances the clock from one due time to the next. Each effect happens at its own time and settles before the
    /// clock advances further.
    /// </summary>
    public HostSpecification When(TimeSpan passes) =>
        Add(HostStepKind.When, (run, cancel) => run.AdvanceClock(passes, cancel));

    /// <summary>
    /// Runs another operation, for example a query, a decision about a dead letter or several concurrent commands.
    /// </summary>
    public HostSpecification When(Func<MillraceTestHost, CancellationToken, Task> act)
    {
        ArgumentNullException.ThrowIfNull(act);
        return Add(HostStepKind.When, (run, cancel) => run.Act(act, cancel));
    }

    /// <summary>Expects exactly these events in all streams, in the order of the log.</summary>
    public HostSpecification Then(params object[] events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return Add(HostStepKind.Then, (run, cancel) => run.ThenEvents(null, events, cancel));
    }

    /// <summary>Expects no events.</summary>
    public HostSpecification ThenNothing() => Then();

    /// <summary>Expects exactly these events in a stream.</summary>
    public HostSpecification ThenIn(StreamId stream, params object[] events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return Add(HostStepKind.Then, (run, cancel) => run.ThenEvents(stream, events, cancel));
    }

    /// <summary>Expects exactly these events in the stream of an aggregate.</summary>
    public HostSpecification ThenIn<TAggregate>(object id, params object[] events)
        where TAggregate : Aggregate
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(events);
        return Add(HostStepKind.Then, (run, cancel) => run.ThenEvents(run.StreamOf<TAggregate>(id), events, cancel));
    }

    /// <summary>Expects the result of the last command.</summary>
    public HostSpecification ThenResult<TResult>(TResult expected) =>
        Add(HostStepKind.Then, (run, _) => run.ThenResult(expected));

    /// <summary>Expects a refusal by an invariant.</summary>
    /// <param name="invariant">The name of the invariant.</param>
    public HostSpecification ThenRefused(string invariant)
    {
        ArgumentException.ThrowIfNullOrEmpty(invariant);
        return Add(HostStepKind.ThenFailed, (run, _) => run.ThenRefused(invariant));
    }

    /// <summary>Expects an exception.</summary>
    /// <param name="inspect">Checks the exception; null to check only its type.</param>
    public HostSpecification ThenThrew<TException>(Action<TException>? inspect = null)
        where TException : Exception =>
        Add(HostStepKind.ThenFailed, (run, _) => run.ThenThrew(inspect));

    /// <summary>
    /// Expects the document of a key in one projection, or in all projections with documents of this type.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="expected">The expected document, compared in its stored form.</param>
    /// <param name="projection">The name of the projection; null for every projection with documents of this
    /// type.</param>
    public HostSpecification ThenReadModel<TKey, TDocument>(TKey key, TDocument expected, string? projection = null)
        where TKey : notnull
        where TDocument : class
    {
        ArgumentNullException.ThrowIfNull(expected);
        return Add(HostStepKind.Then, (run, cancel) => run.ThenDocument(key, expected, projection, cancel));
    }

    /// <summary>Expects that a key has no document.</summary>
    /// <param name="key">The key.</param>
    /// <param name="projection">The name of the projection; null for every projection with documents of this
    /// type.</param>
    public HostSpecification ThenNoReadModel<TKey, TDocument>(TKey key, string? projection = null)
        where TKey : notnull
        where TDocument : class =>
        Add(HostStepKind.Then, (run, cancel) => run.ThenDocument<TKey, TDocument>(key, null, projection, cancel));

    /// <summary>Expects that a consumer parked an event. Each call expects one dead letter.</summary>
    /// <param name="consumer">The consumer; for a projection its collection, such as <c>daily-sales@1</c>.</param>
    /// <param name="inspect">Checks the dead letter; null to check only its existence.</param>
    public HostSpecification ThenDeadLetter(string consumer, Action<Millrace.Storage.DeadLetter>? inspect = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(consumer);
        return Add(HostStepKind.ThenDeadLetter, (run, _) => run.ThenDeadLetter(consumer, inspect));
    }

    /// <summary>Checks the consistency token that the last command returned.</summary>
    public HostSpecification ThenToken(Action<ConsistencyToken> inspect)
    {
        ArgumentNullException.ThrowIfNull(inspect);
        return Add(HostStepKind.Then, (run, _) => run.ThenToken(inspect));
    }

    /// <summary>Checks any part of the application, including failures.</summary>
    public HostSpecification ThenOn(Func<MillraceTestHost, CancellationToken, Task> inspect)
    {
        ArgumentNullException.ThrowIfNull(inspect);
        return Add(HostStepKind.ThenOn, (run, cancel) => run.Inspect(inspect, cancel));
    }

    /// <summary>Runs the specification.</summary>
    /// <exception cref="SpecificationException">The result differs from the specification. The message contains the
    /// differences and the earlier steps.</exception>
    /// <exception cref="TimeoutException">A step exceeded its timeout. The message contains the activity of each
    /// consumer.</exception>
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
                run.RequireNoDeadLetter();
            await _steps[i].Run(run, cancellationToken);
        }
        run.RequirePassed();
    }

    /// <summary>Runs the specification.</summary>
    public TaskAwaiter GetAwaiter() => Run().GetAwaiter();

    /// <summary>Returns the kinds of the steps up to the next When, and the kind of the next step.</summary>
    private HashSet<HostStepKind> Expected(int step) =>
        [.. _steps.Skip(step + 1).TakeWhile(next => next.Kind != HostStepKind.When).Select(next => next.Kind),
            .. _steps.Skip(step + 1).Take(1).Select(next => next.Kind)];

    /// <summary>Returns true for a When, and for a Given that follows an expectation.</summary>
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
