using FsCheck;
using FsCheck.Fluent;
using Millrace.Testing.Code;

namespace Millrace.Testing.HistoryGeneration;

/// <summary>Generates histories of a subject's commands, and checks its rules on them.</summary>
internal sealed class HistoryPropertyTest<T>(HistorySubject<T> definition)
    where T : notnull
{
    private readonly List<Func<T, Gen<HistoryCommand<T>>>> _commands = [];
    private ModelGenerators? _generators;

    public HistorySubject<T> Definition => definition;

    public ModelGenerators Generators
    {
        get => _generators ??= ModelGenerators.Of(definition.RoundTrip.Model);
        set => _generators = value;
    }

    /// <summary>Adds a command with arguments that may depend on the subject.</summary>
    /// <param name="call">The name of the command, and its code in the test.</param>
    /// <param name="arguments">Generates the arguments.</param>
    /// <param name="simpler">Returns simpler valid arguments, simplest first.</param>
    /// <param name="run">Executes the command on the subject.</param>
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

    /// <summary>Returns a function that finds simpler arguments among generated arguments.</summary>
    public Func<TArguments, IEnumerable<TArguments>> SimplerOf<TArguments>(Gen<TArguments> arguments) =>
        new SampledShrinker<TArguments>(arguments, definition.RoundTrip).Simpler;

    /// <summary>Returns the histories. Shrinking removes commands and simplifies arguments.</summary>
    public Arbitrary<TResult> ToArbitrary<TResult>(
        int maxLength, Func<HistoryOutcome<T>, TResult> make, Func<TResult, HistoryOutcome<T>> outcome)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 1);
        if (_commands.Count == 0)
            throw new InvalidOperationException(
                "There are no commands to generate histories from: add them with Command(…).");
        definition.RequireGiven();
        var made = Gen.Sized(size => Gen.Choose(0, Math.Min(maxLength, 1 + size)))
            .SelectMany(Generate)
            .Select(run => make(run.Outcome()));
        return Arb.ToArbitrary(made, history => Shorter(outcome(history)).Select(make));
    }

    /// <summary>Checks the rules on generated histories.</summary>
    /// <exception cref="SpecificationException">A rule was broken.</exception>
    public void Check(int runs, string? seed, int maxLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        var histories = ToArbitrary(maxLength, static outcome => outcome, static outcome => outcome);
        HistoryRunner<HistoryOutcome<T>>.Check(
            Prop.ForAll(histories, history => history.Problem is null), runs, seed, Describe);
    }

    private HistoryFinding Describe(HistoryOutcome<T> found, HistoryOutcome<T> shortest) => new(
        shortest.Problem?.Text ?? found.Problem?.Text,
        SpecificationCode.Of(shortest, definition),
        FormattableString.Invariant($"{found.Commands.Count} commands"));

    private Gen<HistoryRun<T>> Generate(int count)
    {
        var run = Gen.Fresh(() => new HistoryRun<T>(definition));
        for (var i = 0; i < count; i++)
            run = run.SelectMany(Next);
        return run;
    }

    private Gen<HistoryRun<T>> Next(HistoryRun<T> run) =>
        Gen.Choose(0, _commands.Count - 1).SelectMany(index => _commands[index](run.Subject)).Select(command =>
        {
            run.Execute(command);
            return run;
        });

    /// <summary>
    /// Returns shorter histories. First omits parts of the commands, from large parts to single commands. Then
    /// simplifies the arguments of one command.
    /// </summary>
    private IEnumerable<HistoryOutcome<T>> Shorter(HistoryOutcome<T> history)
    {
        var all = history.Commands;
        for (var part = all.Count; part > 0; part /= 2)
        {
            for (var from = 0; from + part <= all.Count; from += part)
                yield return Rerun(all.Where((_, i) => i < from || i >= from + part));
        }
        for (var index = 0; index < all.Count; index++)
        {
            foreach (var simpler in all[index].Simpler())
                yield return Rerun(all.Select((command, i) => i == index ? simpler : command));
        }
    }

    private HistoryOutcome<T> Rerun(IEnumerable<HistoryCommand<T>> commands)
    {
        var run = new HistoryRun<T>(definition);
        foreach (var command in commands)
            run.Execute(command);
        return run.Outcome();
    }
}
