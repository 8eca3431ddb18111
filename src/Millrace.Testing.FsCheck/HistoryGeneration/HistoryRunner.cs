using FsCheck;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using Millrace.Testing.Differences;

namespace Millrace.Testing.HistoryGeneration;

/// <summary>Receives FsCheck's results, and reports a counterexample in terms of the domain.</summary>
internal sealed class HistoryRunner<THistory> : IRunner
    where THistory : notnull
{
    private readonly Func<THistory, THistory, HistoryFinding> _describe;
    private SpecificationException? _failure;

    private HistoryRunner(Func<THistory, THistory, HistoryFinding> describe) => _describe = describe;

    /// <summary>Checks a property on generated histories.</summary>
    /// <param name="property">The property.</param>
    /// <param name="runs">The number of histories.</param>
    /// <param name="seed">The seed of a failure to reproduce; null for a new seed.</param>
    /// <param name="describe">Describes the history that was found, and the shortest one that also breaks the
    /// property.</param>
    /// <exception cref="SpecificationException">The property does not hold.</exception>
    public static void Check(
        Property property, int runs, string? seed, Func<THistory, THistory, HistoryFinding> describe)
    {
        var runner = new HistoryRunner<THistory>(describe);
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
        var finding = _describe((THistory)failed.Item2.Head, (THistory)failed.Item3.Head);
        var problem = finding.Problem ?? new FailureText("A rule was broken, but not again.");
        if (finding.Code is { } code)
            problem.Code("As a test", code);
        var seed = HistorySeed.Text(failed.Item6, failed.Item7);
        var origin = FormattableString.Invariant($"Found in run {failed.Item1.NumberOfTests}, of {finding.Length}.");
        _failure = new SpecificationException(
            problem.Section("Again", $"Check(seed: \"{seed}\")   {origin}").ToString());
    }
}
