using FsCheck;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Millrace.Testing;

/// <summary>Takes what FsCheck found, to tell it in words of the domain.</summary>
internal sealed class HistoryRunner<T>(HistorySubject<T> rules) : IRunner
    where T : notnull
{
    private SpecificationException? _failure;

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
        var found = (HistoryOutcome<T>)failed.Item2.Head;
        var shortest = (HistoryOutcome<T>)failed.Item3.Head;
        var problem = shortest.Problem?.Text ?? found.Problem?.Text ?? new FailureText("A rule was broken, but not again.");
        if (SpecificationCode.Of(shortest, rules) is { } code)
            problem.Code("As a test", code);
        var seed = HistorySeed.Text(failed.Item6, failed.Item7);
        var cut = FormattableString.Invariant($"Found in run {failed.Item1.NumberOfTests}, of {found.Commands.Count} commands.");
        _failure = new SpecificationException(problem.Section("Again", $"Check(seed: \"{seed}\")   {cut}").ToString());
    }

    public void ThrowIfFailed()
    {
        if (_failure is not null)
            throw _failure;
    }
}
