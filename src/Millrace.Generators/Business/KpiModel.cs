using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Business;

/// <summary>A class marked <c>[Kpi]</c>.</summary>
internal sealed record KpiModel(
    TypeDeclaration Type,
    string Name,
    int Version,
    int Kind,
    string Unit,
    string Description,
    EquatableArray<string> Dimensions,
    int MaxMembers,
    EquatableArray<MeasureModel> Measures,
    LocationInfo? Location,
    EquatableArray<DiagnosticInfo> Problems);

/// <summary>A <c>Measure</c> method.</summary>
/// <param name="Event">The event, as code.</param>
/// <param name="ReturnsMany">True if it returns several values, and false if it returns one value or null.</param>
/// <param name="TakesRecorded">True if it takes a <c>RecordedEvent</c> as last parameter.</param>
/// <param name="Rule">The display name, such as <c>Revenue.Measure(OrderPaid)</c>.</param>
internal sealed record MeasureModel(string Event, bool ReturnsMany, bool TakesRecorded, string Rule);
