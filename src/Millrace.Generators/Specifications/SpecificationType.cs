using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Millrace.Generators.Specifications;

/// <summary>A type of the testing package whose values have no effect if a test ignores them.</summary>
/// <param name="Expectation">The description of the missing steps.</param>
/// <param name="Fix">The call that a code fix adds, or null if there is none.</param>
/// <param name="MustBeAwaited">True if the test must await the value.</param>
internal sealed record SpecificationType(string Expectation, string? Fix, bool MustBeAwaited = false)
{
    private const string Namespace = "Millrace.Testing";
    private const string Then = "Then, ThenNothing, ThenRefused or another Then";

    private static readonly SpecificationType Unfinished = new("When and an expectation", null);
    private static readonly SpecificationType Outcome = new("ThenPasses or ThenThrew", "ThenPasses()");
    private static readonly SpecificationType History = new("Check", "Check()");

    private static readonly Dictionary<string, SpecificationType> Kinds = new(StringComparer.Ordinal)
    {
        ["AggregateSpecification"] = Unfinished,
        ["DeciderSpecification"] = Unfinished,
        ["ProjectionSpecification"] = Unfinished,
        ["ConsumerSpecification"] = Unfinished,
        ["SpecificationResult"] = new(Then, "ThenNothing()"),
        ["ProjectionResult"] = new("Then, ThenNone, ThenCount or ThenThrew", "ThenCount(0)"),
        ["ProjectionOutcome"] = Outcome,
        ["ConsumerOutcome"] = Outcome,
        ["AggregateHistories"] = History,
        ["DeciderHistories"] = History,
        ["ProcessHistories"] = History,
        ["HostSpecification"] = new("", null, MustBeAwaited: true),
        ["ProcessSpecification"] = new("", null, MustBeAwaited: true),
    };

    /// <summary>Returns true if the testing package is referenced.</summary>
    public static bool IsUsed(Compilation compilation) =>
        compilation.GetTypeByMetadataName(Namespace + ".Specification") is not null;

    /// <summary>Returns the missing steps of an ignored value, or null if none are missing.</summary>
    public static SpecificationType? MissingStepsOf(IOperation value)
    {
        if (value is IAwaitOperation awaited)
            return Find(awaited.Type) is { MustBeAwaited: false } outcome ? outcome : null;
        if (value.Type is INamedTypeSymbol { Name: "Task", TypeArguments: [var result] }
            && Find(result) is not null)
            return new("", null, MustBeAwaited: true);
        // Awaiting the Run method of a host or a process is enough.
        if (value is IInvocationOperation { TargetMethod: { Name: "Run", ContainingType: var host } }
            && Find(host) is { MustBeAwaited: true } run)
            return run;
        if (Find(value.Type) is not { } found)
            return null;
        // Each Then returns the result again. Only the result of a When is unchecked.
        var isChecked =
            value.Type!.Name is "SpecificationResult" or "ProjectionResult"
            && value is IInvocationOperation call
            && call.TargetMethod.Name.StartsWith("Then", StringComparison.Ordinal);
        return isChecked ? null : found;
    }

    private static SpecificationType? Find(ITypeSymbol? type) =>
        type is INamedTypeSymbol named && named.ContainingNamespace?.ToDisplayString() == Namespace
            && Kinds.TryGetValue(named.Name, out var found) ? found : null;
}
