using FsCheck;
using FsCheck.Fluent;

namespace Millrace.Testing;

/// <summary>Makes histories of a subject's commands, and tries its rules on them.</summary>
internal sealed class HistoryTrials<T>(HistorySubject<T> rules)
    where T : notnull
{
    private readonly List<Func<T, Gen<HistoryCommand<T>>>> _commands = [];
    private ModelGenerators? _generators;

    public HistorySubject<T> Rules => rules;

    public ModelGenerators Generators
    {
        get => _generators ??= ModelGenerators.Of(rules.Trip.Model);
        set => _generators = value;
    }

    /// <summary>Adds a command with arguments that may depend on the subject.</summary>
    public void Add<TArguments>(string name, Func<T, Gen<TArguments>> arguments, Func<T, TArguments, IReadOnlyList<object>> run) =>
        _commands.Add(subject => arguments(subject).Select(given =>
            new HistoryCommand<T>(name, given, target => run(target, given))));

    /// <summary>Adds a command without arguments.</summary>
    public void Add(string name, Func<T, IReadOnlyList<object>> run)
    {
        var made = Gen.Constant(new HistoryCommand<T>(name, null, run));
        _commands.Add(_ => made);
    }

    /// <summary>The histories; shortened by leaving commands out.</summary>
    public Arbitrary<TResult> ToArbitrary<TResult>(
        int longest, Func<HistoryOutcome<T>, TResult> make, Func<TResult, HistoryOutcome<T>> outcome)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, 1);
        if (_commands.Count == 0)
            throw new InvalidOperationException("There is no command to make histories of: add some by Command(…).");
        var made = Gen.Sized(size => Gen.Choose(0, Math.Min(longest, 1 + size))).SelectMany(Generate).Select(run => make(run.Outcome()));
        return Arb.ToArbitrary(made, history => Shorter(outcome(history)).Select(make));
    }

    /// <summary>Tries the rules on generated histories.</summary>
    /// <exception cref="SpecificationException">A rule was broken.</exception>
    public void Check(int runs, string? seed, int longest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        var runner = new HistoryRunner<T>();
        var config = Config.Quick.WithMaxTest(runs).WithQuietOnSuccess(true).WithRunner(runner).WithReplay(HistorySeed.Parse(seed));
        var histories = ToArbitrary(longest, static outcome => outcome, static outcome => outcome);
        FsCheck.Check.One(config, Prop.ForAll(histories, history => history.Problem is null));
        runner.ThrowIfFailed();
    }

    private Gen<HistoryRun<T>> Generate(int count)
    {
        var run = Gen.Fresh(() => new HistoryRun<T>(rules));
        for (var i = 0; i < count; i++)
            run = run.SelectMany(Next);
        return run;
    }

    private Gen<HistoryRun<T>> Next(HistoryRun<T> run) =>
        Gen.Choose(0, _commands.Count - 1).SelectMany(index => _commands[index](run.Subject)).Select(command =>
        {
            run.Do(command);
            return run;
        });

    /// <summary>The history with a part of its commands left out: large parts first, then one after the other.</summary>
    private IEnumerable<HistoryOutcome<T>> Shorter(HistoryOutcome<T> history)
    {
        var all = history.Commands;
        for (var part = all.Count; part > 0; part /= 2)
        {
            for (var from = 0; from + part <= all.Count; from += part)
                yield return Again(all.Where((_, i) => i < from || i >= from + part));
        }
    }

    private HistoryOutcome<T> Again(IEnumerable<HistoryCommand<T>> commands)
    {
        var run = new HistoryRun<T>(rules);
        foreach (var command in commands)
            run.Do(command);
        return run.Outcome();
    }
}
