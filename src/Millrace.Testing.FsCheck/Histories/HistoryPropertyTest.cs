using FsCheck;
using FsCheck.Fluent;

namespace Millrace.Testing;

/// <summary>Makes histories of a subject's commands, and tries its rules on them.</summary>
internal sealed class HistoryPropertyTest<T>(HistorySubject<T> rules)
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
    /// <param name="call">What it is called, and how the test calls it.</param>
    /// <param name="arguments">Makes them.</param>
    /// <param name="simpler">Simpler ones that could have been made as well, the simplest first.</param>
    /// <param name="run">Has the subject do it.</param>
    public void Add<TArguments>(
        HistoryCall call,
        Func<T, Gen<TArguments>> arguments,
        Func<TArguments, IEnumerable<TArguments>> simpler,
        Func<T, TArguments, IReadOnlyList<object>> run)
    {
        _commands.Add(subject => arguments(subject).Select(Make));

        HistoryCommand<T> Make(TArguments given) => new(call.Name, given, target => run(target, given))
        {
            Code = call.Code,
            Simpler = () => simpler(given).Select(Make),
        };
    }

    /// <summary>Adds a command without arguments.</summary>
    public void Add(HistoryCall call, Func<T, IReadOnlyList<object>> run)
    {
        var made = Gen.Constant(new HistoryCommand<T>(call.Name, null, run) { Code = call.Code });
        _commands.Add(_ => made);
    }

    /// <summary>Arguments that a generator makes, simpler than those that it has made.</summary>
    public Func<TArguments, IEnumerable<TArguments>> SimplerOf<TArguments>(Gen<TArguments> arguments) =>
        new SampledShrinker<TArguments>(arguments, rules.Trip).Simpler;

    /// <summary>The histories; shortened by leaving commands out, and by simpler arguments.</summary>
    public Arbitrary<TResult> ToArbitrary<TResult>(
        int longest, Func<HistoryOutcome<T>, TResult> make, Func<TResult, HistoryOutcome<T>> outcome)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, 1);
        if (_commands.Count == 0)
            throw new InvalidOperationException("There is no command to make histories of: add some by Command(…).");
        rules.RequireGiven();
        var made = Gen.Sized(size => Gen.Choose(0, Math.Min(longest, 1 + size)))
            .SelectMany(Generate)
            .Select(run => make(run.Outcome()));
        return Arb.ToArbitrary(made, history => Shorter(outcome(history)).Select(make));
    }

    /// <summary>Tries the rules on generated histories.</summary>
    /// <exception cref="SpecificationException">A rule was broken.</exception>
    public void Check(int runs, string? seed, int longest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        var histories = ToArbitrary(longest, static outcome => outcome, static outcome => outcome);
        HistoryRunner<HistoryOutcome<T>>.Check(
            Prop.ForAll(histories, history => history.Problem is null), runs, seed, Tell);
    }

    private HistoryFinding Tell(HistoryOutcome<T> found, HistoryOutcome<T> shortest) => new(
        shortest.Problem?.Text ?? found.Problem?.Text,
        SpecificationCode.Of(shortest, rules),
        FormattableString.Invariant($"{found.Commands.Count} commands"));

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

    /// <summary>
    /// The history with a part of its commands left out, large parts first, then one after the other; and with simpler
    /// arguments of one.
    /// </summary>
    private IEnumerable<HistoryOutcome<T>> Shorter(HistoryOutcome<T> history)
    {
        var all = history.Commands;
        for (var part = all.Count; part > 0; part /= 2)
        {
            for (var from = 0; from + part <= all.Count; from += part)
                yield return Again(all.Where((_, i) => i < from || i >= from + part));
        }
        for (var place = 0; place < all.Count; place++)
        {
            foreach (var simpler in all[place].Simpler())
                yield return Again(all.Select((command, i) => i == place ? simpler : command));
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
