namespace Millrace.Tests.Anomalies;

/// <summary>The raw score of one file in the standard profile, and the counts of its rows.</summary>
internal readonly record struct NabScore(
    double Raw, int TruePositives, int TrueNegatives, int FalsePositives, int FalseNegatives);
