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
        var inspector = new StoredEventInspector(open.Store);
        await inspector.SampleNewestAndOldest(
            Sample, new SynchronousProgress<ReplayProgress>(_ => { }), cancellationToken);
        var findings = new List<Finding>();
        foreach (var shape in inspector.Findings)
        {
            if (shape.IsUnknown)
                findings.Add(
                    new Finding(
                        "build",
                        Severity.Warning,
                        $"The build does not know '{shape.Type}' (schema version {shape.SchemaVersion}), which is "
                            + "stored.",
                        "Its consumers ignore such events.",
                        "Check that it is the right build. Otherwise keep a class for the type, or an upcaster: "
                            + "docs/how-to/evolve-events.md"
                    )
                );
            else if (shape.Unreadable > 0)
                findings.Add(
                    new Finding(
                        "build",
                        Severity.Problem,
                        $"The build cannot read {TextTable.Number(shape.Unreadable)} of "
                            + $"{TextTable.Number(shape.Examined)} '{shape.Type}' (schema version "
                            + $"{shape.SchemaVersion}).",
                        shape.Reasons.Keys.FirstOrDefault() ?? "",
                        "Run 'millrace schema check' to list all of them, with the start of an upcaster."));
        }
        if (findings.Count == 0)
            findings.Add(
                Finding.Ok(
                    "build",
                    $"The build can read the stored events: {TextTable.Number(inspector.Findings.Count)} shapes, "
                        + $"{Sample} of the oldest and newest events each."
                )
            );
        return findings;
    }
}
