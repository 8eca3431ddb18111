using Millrace.Generators.Json;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Projecting;

/// <summary>A class marked <c>[Projection]</c>.</summary>
internal sealed record ProjectionModel(
    TypeDeclaration Type,
    string Name,
    int Version,
    int Lifecycle,
    string Stream,
    string Key,
    string Document,
    EquatableArray<FoldModel> Folds,
    EquatableArray<FieldModel> Fields,
    bool NeedsFold,
    bool CanAccessInternals,
    JsonGraph Json,
    LocationInfo? Location,
    EquatableArray<DiagnosticInfo> Problems)
{
    /// <summary>Gets the member that states when a document expires; null if documents do not expire.</summary>
    public ExpiryModel? Expiry { get; init; }

    /// <summary>Gets the names of the fields of each compound index, separated by a line feed.</summary>
    public EquatableArray<string> Indexes { get; init; }
}

/// <summary>A member marked <c>[Expires]</c>.</summary>
/// <param name="Member">The name in C#.</param>
/// <param name="Name">The name in the document.</param>
/// <param name="AfterSeconds">The seconds between the time in the member and the expiry.</param>
internal sealed record ExpiryModel(string Member, string Name, long AfterSeconds);

/// <summary>The number of keys that a <c>Key</c> method returns.</summary>
internal enum KeyCount
{
    One,
    OneOrNone,
    Many,
}

/// <summary>The methods of a projection for one event type.</summary>
internal sealed record FoldModel(
    string Event, KeyCount Keys, bool KeyTakesRecorded, bool ApplyTakesKey, bool ApplyTakesRecorded)
{
    /// <summary>Gets the receiver of the call of <c>Key</c>.</summary>
    public string KeyOwner { get; init; } = "";

    /// <summary>Gets the receiver of the call of <c>Apply</c>.</summary>
    public string ApplyOwner { get; init; } = "";

    /// <summary>
    /// Gets the display name of <c>Apply</c>, such as <c>DailySalesProjection.Apply(DailySales?, OrderPlaced)</c>.
    /// </summary>
    public string Rule { get; init; } = "";
}

/// <summary>A member of a document that queries filter and sort by.</summary>
/// <param name="Member">The name in C#.</param>
/// <param name="Name">The name in the document.</param>
/// <param name="Kind">The name of the <c>FieldKind</c>.</param>
/// <param name="Value">The code of the value for a document.</param>
/// <param name="Type">The type that parses the text of the value.</param>
internal sealed record FieldModel(string Member, string Name, string Kind, string Value, string Type);
