using FsCheck;
using FsCheck.Fluent;

namespace Millrace.Testing;

/// <summary>
/// What can happen to an instance of a process, and rules that hold after each of it; begun by
/// <see cref="Histories.OfProcess{TProcess, TId}"/>.
/// </summary>
/// <remarks>
/// <para>Events come, also again and out of order; time passes, to what is due next or past it; nodes die before and
/// after the commit of a command; a person resumes and cancels; commands are refused and fail, where that is
/// said.</para>
/// <para>These hold without being said: nothing throws; a step is done once; what is at its end sends nothing more;
/// behind the point of no return nothing is undone; what is compensated is so whole; lists show what the stream tells;
/// and in the end an instance is completed, compensated, held, or waits for an event.</para>
/// </remarks>
/// <typeparam name="TId">What tells instances apart.</typeparam>
public sealed class ProcessHistories<TId>
    where TId : IParsable<TId>
{
    private const int OfEvents = 4;
    private const int OfTime = 2;

    private static readonly TimeSpan[] Spans =
    [
        TimeSpan.FromSeconds(1),
        TimeSpan.FromMinutes(1),
        TimeSpan.FromHours(1),
        TimeSpan.FromDays(1),
        TimeSpan.FromDays(60),
    ];

    private readonly List<(int Weight, Gen<ProcessHistoryAction> Made)> _actions = [];
    private readonly ProcessSubject _subject;
    private ModelGenerators? _generators;

    internal ProcessHistories(ProcessDefinition process, TId id, SpecificationModel? model) =>
        _subject = new ProcessSubject(process, KeyText.Of(id), model);

    private ModelGenerators Generators
    {
        get => _generators ??= ModelGenerators.Of(_subject.RequireModel());
        set => _generators = value;
    }

    /// <summary>Says which model events and commands are of; by default that of the process' assembly.</summary>
    public ProcessHistories<TId> WithModel<TModel>()
        where TModel : IModel
    {
        _subject.Model = SpecificationModel.Of<TModel>();
        return this;
    }

    /// <summary>Says how events are made that are not given with their generator. Call it before those.</summary>
    public ProcessHistories<TId> WithGenerators(ModelGenerators generators)
    {
        ArgumentNullException.ThrowIfNull(generators);
        Generators = generators;
        return this;
    }

    /// <summary>Adds an event that may come, at any time and more than once; its members are made by the generators of
    /// the model.</summary>
    /// <param name="of">Makes it one of the instance: <c>placed => placed with { Order = "7" }</c>.</param>
    public ProcessHistories<TId> Event<TEvent>(Func<TEvent, TEvent> of)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(of);
        return Event(Generators.Generate<TEvent>().Select(of));
    }

    /// <summary>Adds an event that may come, made by a generator.</summary>
    public ProcessHistories<TId> Event<TEvent>(Gen<TEvent> events)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(events);
        return Add(OfEvents, events.Select(made => ProcessHistoryAction.Event(made)));
    }

    /// <summary>Says that the domain may refuse a command, and accept it again.</summary>
    public ProcessHistories<TId> MayRefuse<TCommand>() =>
        Add(
            1,
            Gen.Elements(ProcessHistoryAction.Refuses(typeof(TCommand)), ProcessHistoryAction.Accepts(typeof(TCommand)))
        );

    /// <summary>Says that a command may fail, a few times or until it is mended.</summary>
    public ProcessHistories<TId> MayFail<TCommand>() => Add(1, Gen.Elements(
        ProcessHistoryAction.Fails(typeof(TCommand), times: 1), ProcessHistoryAction.Fails(typeof(TCommand), times: 4),
        ProcessHistoryAction.Fails(typeof(TCommand), times: null), ProcessHistoryAction.Accepts(typeof(TCommand))));

    /// <summary>Adds a rule that holds after everything that happens.</summary>
    /// <param name="rule">Its name.</param>
    /// <param name="holds">Whether it holds; what it throws means that it does not.</param>
    public ProcessHistories<TId> Always(string rule, Func<ProcessHistory, bool> holds)
    {
        ArgumentException.ThrowIfNullOrEmpty(rule);
        ArgumentNullException.ThrowIfNull(holds);
        _subject.Always.Add((rule, holds));
        return this;
    }

    /// <summary>Adds a rule that holds when all that was due has been done, and only an event or a person could change
    /// anything.</summary>
    /// <inheritdoc cref="Always"/>
    public ProcessHistories<TId> InTheEnd(string rule, Func<ProcessHistory, bool> holds)
    {
        ArgumentException.ThrowIfNullOrEmpty(rule);
        ArgumentNullException.ThrowIfNull(holds);
        _subject.InTheEnd.Add((rule, holds));
        return this;
    }

    /// <summary>Tries the rules on generated histories.</summary>
    /// <param name="runs">How many; from 1, 100 by default.</param>
    /// <param name="seed">The seed of a failure, to see it again; null for a new one.</param>
    /// <param name="longest">How much may happen in one; from 1, 30 by default.</param>
    /// <exception cref="SpecificationException">A rule was broken; shows the shortest history found that breaks it, and
    /// the seed.
    /// </exception>
    public void Check(int runs = 100, string? seed = null, int longest = Histories.DefaultMaxLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, 1);
        if (_actions.Count == 0)
            throw new InvalidOperationException(
                "Nothing can happen to the process: say which events come by Event<TEvent>(…).");
        _subject.RequireModel();
        HistoryRunner<ProcessHistoryRun>.Check(
            Prop.ForAll(ToArbitrary(longest), history => history.Holds()), runs, seed, Tell);
    }

    private static HistoryFinding Tell(ProcessHistoryRun found, ProcessHistoryRun shortest) =>
        new(shortest.Problem ?? found.Problem, Code: null, FormattableString.Invariant($"{found.Length} happenings"));

    private Arbitrary<ProcessHistoryRun> ToArbitrary(int longest)
    {
        var always = new (int Weight, Gen<ProcessHistoryAction> Made)[]
        {
            (OfTime, Gen.Constant(ProcessHistoryAction.NextIsDue)),
            (OfTime, Gen.Elements(Spans.Select(ProcessHistoryAction.Passes))),
            (1, Gen.Choose(0, longest).Select(ProcessHistoryAction.Again)),
            (
                1,
                Gen.Elements(
                    ProcessHistoryAction.Dies(ProcessDeath.BeforeCommit),
                    ProcessHistoryAction.Dies(ProcessDeath.AfterCommit))),
            (1, Gen.Elements(ProcessHistoryAction.Resumed, ProcessHistoryAction.Cancelled)),
        };
        (int Weight, Gen<ProcessHistoryAction> Made)[] all = [.. _actions, .. always];
        var one = Gen.Frequency(all);
        var made = Gen.Sized(size => Gen.Choose(0, Math.Min(longest, 1 + size)))
            .SelectMany(count => Gen.ArrayOf(one, count))
            .Select(happenings => new ProcessHistoryRun(_subject, happenings));
        return Arb.ToArbitrary(made, static history => history.Shorter());
    }

    private ProcessHistories<TId> Add(int weight, Gen<ProcessHistoryAction> made)
    {
        _actions.Add((weight, made));
        return this;
    }
}
