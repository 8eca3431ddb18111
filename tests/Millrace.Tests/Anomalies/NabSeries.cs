namespace Millrace.Tests.Anomalies;

/// <summary>One file of the Numenta Anomaly Benchmark, with its labelled windows as inclusive row indices.</summary>
internal sealed record NabSeries(
    string Name,
    IReadOnlyList<DateTimeOffset> Times,
    IReadOnlyList<double> Values,
    IReadOnlyList<NabWindow> Windows)
{
    private const double ProbationShare = 0.15;
    private const int MaxProbationRows = 750;

    /// <summary>Gets the group of the file, such as <c>realTweets</c>.</summary>
    public string Group => Name[..Name.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>Gets the index of the first row that is scored. The detector learns from the rows before.</summary>
    public int FirstScored => Math.Min((int)(ProbationShare * Values.Count), MaxProbationRows);
}

/// <summary>A labelled anomaly: the first and the last row.</summary>
internal readonly record struct NabWindow(int First, int Last);
