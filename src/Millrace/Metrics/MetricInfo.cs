namespace Millrace;

/// <summary>Describes a metric of the monitor.</summary>
/// <param name="Name">The stable name.</param>
/// <param name="Unit">The unit of its values.</param>
/// <param name="Description">What is measured.</param>
/// <param name="Subject">The kind of its subjects, such as <c>consumer</c>; null if it only describes nodes.</param>
public sealed record MetricInfo(string Name, string Unit, string Description, string? Subject = null);
