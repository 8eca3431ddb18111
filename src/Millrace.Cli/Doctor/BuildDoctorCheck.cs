using Millrace.Cli.Builds;
using Millrace.Cli.Output;
using Millrace.Cli.Schemas;

namespace Millrace.Cli.Doctor;

/// <summary>Checks whether a build of the application can read the stored events.</summary>
internal static class BuildDoctorCheck
{
    private const int Sample = 200;

    public static async Task<IReadOnlyList<Finding>> Run(
        ModelBuild build, OpenStore open, CancellationToken cancellationToken)
    {
        var examination = new StoredEventInspector(open.Store);
        await examination.SampleNewestAndOldest(
            Sample, new SynchronousProgress<ReplayProgress>(_ => { }), cancellationToken);
        var findings = new List<Finding>();
        foreach (var found in examination.Findings)
        {
            if (found.IsUnknown)
                findings.Add(
                    new Finding(
                        "build",
                        Severity.Warning,
                        $"The build does not know '{found.Type}' (schema version {found.SchemaVersion}), which is "
                            + "stored.",
                        "Its consumers ignore such events.",
                        "Check that it is the right build. Otherwise keep a class for the type, or an upcaster: "
                            + "docs/how-to/evolve-events.md"
                    )
                );
            else if (found.Unreadable > 0)
                findings.Add(
                    new Finding(
                        "build",
                        Severity.Problem,
                        $"The build cannot read {TextTable.Number(found.Unreadable)} of "
                            + $"{TextTable.Number(found.Examined)} '{found.Type}' (schema version "
                            + $"{found.SchemaVersion}).",
                        found.Reasons.Keys.FirstOrDefault() ?? "",
                        "Run 'millrace schema check' to list all of them, with the start of an upcaster."));
        }
        if (findings.Count == 0)
            findings.Add(
                Finding.Ok(
                    "build",
                    $"The build can read the stored events: {TextTable.Number(examination.Findings.Count)} shapes, "
                        + $"{Sample} of the oldest and newest events each."
                )
            );
        return findings;
    }
}
