using Millrace.Storage;

namespace Millrace.Reporting;

/// <summary>Adds the findings about the seals of the log, and about their evidence.</summary>
internal sealed class SealEvidenceCheck(ReportFindings findings)
{
    /// <summary>
    /// Adds the findings. Returns the last sealed position; null if it is unknown, because the log has no seals of its
    /// own or their state cannot be read.
    /// </summary>
    public async ValueTask<long?> Check(
        EventStore store, SealReport? report, SealEvidence? evidence, CancellationToken cancellationToken)
    {
        if (store.Stored.Storage.Log is ISharedLogPart)
        {
            findings.Add(
                "sealsUnsupported",
                "The tenant shares a log with other tenants. A report about one tenant cannot verify its seals.");
            return null;
        }
        if (report is not null)
        {
            Check(report, evidence);
            return report.SealedThrough;
        }
        findings.Add("sealsNotVerified", "The log was not compared with its seals.");
        return await new LogSeals(store).FindSealedThrough(cancellationToken).ConfigureAwait(false);
    }

    private void Check(SealReport report, SealEvidence? evidence)
    {
        foreach (var finding in report.Findings)
            findings.Add("seal", finding.Message, finding.Position);
        findings.AddUnnamed(report.FindingCount - report.Findings.Count);
        if (report.Seals == 0)
            return; // A finding of the verification.
        if (evidence is null or { KeyFiles.Count: 0 })
            findings.Add(
                "keyNotGiven",
                "The seals were verified with the keys in the log, not with a given public key. A user with access to "
                    + "the database can replace both.");
        if (report.Anchors == 0)
            findings.Add(
                "notAnchored",
                "The seals were not compared with anchors. A user with access to the database and to a key can replace "
                    + "the log.");
    }
}
