using FsCheck;
using FsCheck.Fluent;
using Millrace.Testing.HistoryGeneration;
using Millrace.Testing.ProcessManagers;
using Millrace.Testing.Specifications;

namespace Millrace.Testing;

/// <summary>
/// Tests a process instance with generated histories and with rules that must be met after each step. Create it with
/// <see cref="Histories.OfProcess{TProcess, TId}"/>.
/// </summary>
/// <remarks>
/// <para>Events arrive, also repeatedly and out of order. Time passes to the next due time or past it. Nodes crash
/// before and after the commit of a command. An operator resumes and cancels the instance. Commands are refused or
/// fail, if specified.</para>
/// <para>These rules always apply. Nothing throws. A step is done once. An ended instance sends no more commands.
/// Nothing is compensated after the point of no return. A compensated instance is compensated completely. A list
/// shows the same state as the stream of the instance. In the end, an instance is completed, compensated, held, or
/// waits for an event.</para>
/// </remarks>
/// <typeparam name="TId">The id that distinguishes instances.</typeparam>
public sealed class ProcessHistories<TId>
    where TId : IParsable<TId>
{
    private const int EventWeight = 4;
    private const int TimeWeight = 2;

    private static readonly TimeSpan[] Spans =
    [
        TimeSpan.FromSeconds(1),
        TimeSpan.FromMinutes(1),
        TimeSpan.FromHours(1),
        TimeSpan.FromDays(1),
        TimeSpan.FromDays(60),
    ];

    private readonly List<(int Weight, Gen<ProcessHistoryAction> Generator)> _actions = [];
    private readonly ProcessSubject _subject;
    private ModelGenerators? _generators;

    internal ProcessHistories(ProcessDefinition process, TId id, SpecificationModel? model) =>
        _subject = new ProcessSubject(process, KeyText.Of(id), model);

    private ModelGenerators Generators
    {
        get => _generators ??= ModelGenerators.Of(_subject.RequireModel());
        set => _generators = value;
    }

    /// <summary>
    /// Sets the model with the events and commands. The default is the model of the process's assembly.
    /// </summary>
    public ProcessHistories<TId> WithModel<TModel>()
        where TModel : IModel
    {
        _subject.Model = SpecificationModel.Of<TModel>();
        return this;
    }

    /// <summary>
    /// Sets the generators for events without their own generator. Call it before adding those events.
    /// </summary>
    public ProcessHistories<TId> WithGenerators(ModelGenerators generators)
    {
        ArgumentNullException.ThrowIfNull(generators);
        Generators = generators;
        return this;
    }

    /// <summary>
    /// Adds an event that may arrive at any time and repeatedly. The model's generators generate its members.
    /// </summary>
    /// <param name="of">Makes the event belong to the instance: <c>placed => placed with { Order = "7" }</c>.</param>
    public ProcessHistories<TId> Event<TEvent>(Func<TEvent, TEvent> of)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(of);
        return Event(Generators.Generate<TEvent>().Select(of));
    }

    /// <summary>Adds an event that may arrive, from a generator.</summary>
    public ProcessHistories<TId> Event<TEvent>(Gen<TEvent> events)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(events);
        return Add(EventWeight, events.Select(made => ProcessHistoryAction.Event(made)));
    }

    /// <summary>Lets the domain refuse a command and later accept it again.</summary>
    public ProcessHistories<TId> MayRefuse<TCommand>() =>
        Add(
            1,
            Gen.Elements(ProcessHistoryAction.Refuses(typeof(TCommand)), ProcessHistoryAction.Accepts(typeof(TCommand)))
        );

    /// <summary>Lets a command fail a few times, or until its cause is fixed.</summary>
    public ProcessHistories<TId> MayFail<TCommand>() => Add(1, Gen.Elements(
        ProcessHistoryAction.Fails(typeof(TCommand), times: 1), ProcessHistoryAction.Fails(typeof(TCommand), times: 4),
        ProcessHistoryAction.Fails(typeof(TCommand), times: null), ProcessHistoryAction.Accepts(typeof(TCommand))));

    /// <summary>Adds a rule that must hold after every step.</summary>
    /// <param name="rule">The name of the rule.</param>
    /// <param name="holds">Returns true if the rule is met. An exception means that it is not.</param>
    public ProcessHistories<TId> Always(string rule, Func<ProcessHistory, bool> holds)
    {
        ArgumentException.ThrowIfNullOrEmpty(rule);
        ArgumentNullException.ThrowIfNull(holds);
        _subject.Always.Add((rule, holds));
        return this;
    }

    /// <summary>
    /// Adds a rule that must be met when no work is due. Then only an event or an operator can change the instance.
    /// </summary>
    /// <inheritdoc cref="Always"/>
    public ProcessHistories<TId> InTheEnd(string rule, Func<ProcessHistory, bool> holds)
    {
        ArgumentException.ThrowIfNullOrEmpty(rule);
        ArgumentNullException.ThrowIfNull(holds);
        _subject.InTheEnd.Add((rule, holds));
        return this;
    }

    /// <summary>Checks the rules on generated histories.</summary>
    /// <param name="runs">The number of histories; at least 1, 100 by default.</param>
    /// <param name="seed">The seed of a failure to reproduce; null for a new seed.</param>
    /// <param name="maxLength">The maximum number of steps in a history; at least 1, 30 by default.</param>
    /// <exception cref="SpecificationException">A rule was broken. The message contains the seed and the shortest
    /// history found that breaks the rule.</exception>
    public void Check(int runs = 100, string? seed = null, int maxLength = Histories.DefaultMaxLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 1);
        if (_actions.Count == 0)
            throw new InvalidOperationException(
                "The process has no events: add them with Event<TEvent>(…).");
        _subject.RequireModel();
        HistoryRunner<ProcessHistoryRun>.Check(
            Prop.ForAll(ToArbitrary(maxLength), history => history.Holds()), runs, seed, Describe);
    }

    private static HistoryFinding Describe(ProcessHistoryRun found, ProcessHistoryRun shortest) =>
        new(shortest.Problem ?? found.Problem, Code: null, FormattableString.Invariant($"{found.Length} steps"));

    private Arbitrary<ProcessHistoryRun> ToArbitrary(int maxLength)
    {
        var always = new (int Weight, Gen<ProcessHistoryAction> Generator)[]
        {
            (TimeWeight, Gen.Constant(ProcessHistoryAction.NextIsDue)),
            (TimeWeight, Gen.Elements(Spans.Select(ProcessHistoryAction.Passes))),
            (1, Gen.Choose(0, maxLength).Select(ProcessHistoryAction.Again)),
            (
                1,
                Gen.Elements(
                    ProcessHistoryAction.Crashes(CrashPoint.BeforeCommit),
                    ProcessHistoryAction.Crashes(CrashPoint.AfterCommit))),
            (1, Gen.Elements(ProcessHistoryAction.Resumed, ProcessHistoryAction.Cancelled)),
        };
        (int Weight, Gen<ProcessHistoryAction> Generator)[] all = [.. _actions, .. always];
        var step = Gen.Frequency(all);
        var made = Gen.Sized(size => Gen.Choose(0, Math.Min(maxLength, 1 + size)))
            .SelectMany(count => Gen.ArrayOf(step, count))
            .Select(steps => new ProcessHistoryRun(_subject, steps));
        return Arb.ToArbitrary(made, static history => history.Shorter());
    }

    private ProcessHistories<TId> Add(int weight, Gen<ProcessHistoryAction> made)
    {
        _actions.Add((weight, made));
        return this;
    }
}
