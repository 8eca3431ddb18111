using System.ComponentModel;

namespace Millrace.AspNetCore.Metrics;

/// <summary>A metric with its newest samples, for operators.</summary>
[Description("A metric with its newest samples.")]
internal sealed record MetricView(
    [property: Description("The name.")] string Name,
    [property: Description("The unit.")] string Unit,
    [property: Description("What is measured.")] string Description,
    [property: Description("The samples that are at most three intervals old.")]
        IReadOnlyList<MetricSampleView> Latest);

/// <summary>A sample, for operators.</summary>
[Description("A value that a node measured in one interval.")]
internal sealed record MetricSampleView(
    [property: Description("What was measured, such as a consumer; absent for the node.")] string? Subject,
    [property: Description("The node.")] string Node,
    [property: Description("The end of the interval.")] DateTimeOffset Time,
    [property: Description("The value.")] double Value);
