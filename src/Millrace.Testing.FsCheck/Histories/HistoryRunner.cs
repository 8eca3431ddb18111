using FsCheck;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Millrace.Testing;

/// <summary>Takes what FsCheck found, to tell it in words of the domain.</summary>
internal sealed class HistoryRunner<THistory> : IRunner
    where THistory : notnull
{
    private readonly Func<THistory, THistory, HistoryFinding> _tell;
    private SpecificationException? _failure;

    private HistoryRunner(Func<THistory, THistory, HistoryFinding> tell) => _tell = tell;

    /// <summary>Tries a property on generated histories.</summary>
    /// <param name="property">What is to hold of each.</param>
    /// <param name="runs">How many are tried.</param>
    /// <param name="seed">The seed of a failure, to see it again; null for a new one.</param>
    /// <param name="tell">Tells of the history that was found, and of the shortest that breaks the property as
    /// well.</param>
    /// <exception cref="SpecificationException">The property does not hold.</exception>
    public static void Check(Property property, int runs, string? seed, Func<THistory, THistory, HistoryFinding> tell)
    {
        var runner = new HistoryRunner<THistory>(tell);
        var config = Config
            .Quick.WithMaxTest(runs)
            .WithQuietOnSuccess(true)
            .WithRunner(runner)
            .WithReplay(HistorySeed.Parse(seed));
        FsCheck.Check.One(config, property);
        if (runner._failure is { } failure)
            throw failure;
    }

    public void OnStartFixture(Type value)
    {
    }

    public void OnArguments(
        int ntest, FSharpList<object> args, FSharpFunc<int, FSharpFunc<FSharpList<object>, string>> every)
    {
    }

    public void OnShrink(FSharpList<object> args, FSharpFunc<FSharpList<object>, string> everyShrink)
    {
    }

    public void OnFinished(string name, TestResult result)
    {
        if (result is not TestResult.Failed failed)
            return;
        var finding = _tell((THistory)failed.Item2.Head, (THistory)failed.Item3.Head);
        var problem = finding.Problem ?? new FailureText("A rule was broken, but not again.");
        if (finding.Code is { } code)
            problem.Code("As a test", code);
        var seed = HistorySeed.Text(failed.Item6, failed.Item7);
        var cut = FormattableString.Invariant($"Found in run {failed.Item1.NumberOfTests}, of {finding.Length}.");
        _failure = new SpecificationException(problem.Section("Again", $"Check(seed: \"{seed}\")   {cut}").ToString());
    }
}
