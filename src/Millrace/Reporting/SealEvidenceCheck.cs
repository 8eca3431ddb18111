namespace Millrace.Reporting;

/// <summary>Adds the findings about the seals of the log, and about their evidence.</summary>
internal sealed class SealEvidenceCheck(ReportFindings findings)
{
    /// <summary>Adds the findings.</summary>
    /// <param name="isSupported">False if the tenant shares a log, which has no seals of its own.</param>
    /// <param name="report">The verification; null if the log was not verified.</param>
    /// <param name="evidence">The evidence of the verification.</param>
    public void Check(bool isSupported, SealReport? report, SealEvidence? evidence)
    {
        if (!isSupported)
            findings.Add(
                "sealsUnsupported",
                "The tenant shares a log with other tenants. A report about one tenant cannot verify its seals.");
        else if (report is not null)
            Check(report, evidence);
        else
            findings.Add("sealsNotVerified", "The log was not compared with its seals.");
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
