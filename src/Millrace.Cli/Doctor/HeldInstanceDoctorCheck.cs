using Millrace.Cli.Output;

namespace Millrace.Cli.Doctor;

/// <summary>Checks for held process instances and timers. Returns nothing when there are none.</summary>
internal sealed class HeldInstanceDoctorCheck(OpenStore open)
{
    private const int MaxTimers = 1_000;

    public async Task<IReadOnlyList<Finding>> Run(CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        var processes = Processes.Of(open.Store);
        foreach (var name in await processes.ListNames(cancellationToken))
            findings.Add(await Process(processes, name, cancellationToken));
        var timers = await Timers
            .Of(open.Store)
            .List(new TimerQuery { IsHeld = true, Limit = MaxTimers }, cancellationToken);
        if (timers.Timers.Count > 0)
            findings.Add(Held(timers));
        return findings;
    }

    private static async Task<Finding> Process(Processes processes, string name, CancellationToken cancellationToken)
    {
        var held = await processes.Count(name, ProcessState.Held, cancellationToken);
        var page = await processes.List(
            new ProcessQuery
            {
                Process = name,
                State = ProcessState.Held,
                Limit = 1,
            },
            cancellationToken);
        if (page.Instances is not [var last])
            return Finding.Ok("processes", $"No instance of '{name}' is held.");
        return new Finding(
            "processes", Severity.Warning,
            $"{Counted.Of(held, "instance")} of '{name}' held, last '{last.Id}' since "
                + $"{EventView.TimeOf(last.ChangedAt)}: "
                + last.Reason,
            "A held instance continues only after a decision.",
            $"millrace processes list {name} --state Held; then fix the cause, and resume, move or cancel each.");
    }

    private static Finding Held(TimerPage page)
    {
        var (first, more) = (page.Timers[0], page.Next is null ? "" : " and more");
        return new Finding(
            "timers", Severity.Warning,
            $"{Counted.Of(page.Timers.Count, "timer")}{more} held, among them '{first.Key}': {first.Error}",
            "The command is sent only after a decision.",
            "millrace timers list --held; then fix the cause, and run, edit or cancel each.");
    }
}
