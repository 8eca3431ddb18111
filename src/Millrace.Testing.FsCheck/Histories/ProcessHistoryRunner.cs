using FsCheck;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Millrace.Testing;

/// <summary>Takes what FsCheck found of a process, to tell it in words of the domain.</summary>
internal sealed class ProcessHistoryRunner : IRunner
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
        var (found, shortest) = ((ProcessHistoryRun)failed.Item2.Head, (ProcessHistoryRun)failed.Item3.Head);
        var problem = shortest.Problem ?? found.Problem ?? new FailureText("A rule was broken, but not again.");
        var seed = HistorySeed.Text(failed.Item6, failed.Item7);
        var cut = FormattableString.Invariant($"Found in run {failed.Item1.NumberOfTests}, of {found.Length} happenings.");
        _failure = new SpecificationException(problem.Section("Again", $"Check(seed: \"{seed}\")   {cut}").ToString());
    }

    public void ThrowIfFailed()
    {
        if (_failure is not null)
            throw _failure;
    }
}
