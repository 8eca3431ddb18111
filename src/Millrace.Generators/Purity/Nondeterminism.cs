using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Purity;

/// <summary>Recognizes nondeterministic values: clocks, randomness, the machine.</summary>
internal static class Nondeterminism
{
    public static bool Is(IPropertySymbol property) =>
        property is { ContainingType: { } type }
        && (type.Name, property.Name) switch
        {
            ("DateTime", "Now" or "UtcNow" or "Today") => IsSystem(type),
            ("DateTimeOffset", "Now" or "UtcNow") => IsSystem(type),
            ("Environment", not "NewLine") => IsSystem(type),
            ("Random", "Shared") => IsSystem(type),
            ("TimeProvider", "System") => IsSystem(type),
            _ => false,
        };

    /// <summary>Returns true if a method returns nondeterministic values.</summary>
    /// <param name="method">The method.</param>
    /// <param name="trigger">The trigger that makes the calling code run again. An injected time is acceptable except
    /// on replay.</param>
    public static bool Is(IMethodSymbol method, RerunTrigger trigger) =>
        method is { ContainingType: { } type }
        && (type.Name, method.Name) switch
        {
            ("Guid", "NewGuid") => IsSystem(type),
            ("Guid", "CreateVersion7") => IsSystem(type)
                && (trigger != RerunTrigger.OnConflict || method.Parameters.IsEmpty),
            ("Environment", not ("Exit" or "FailFast")) => IsSystem(type),
            ("Stopwatch", "StartNew" or "GetTimestamp") => true,
            ("Path", "GetRandomFileName" or "GetTempFileName") => true,
            ("RandomNumberGenerator", not "Dispose") => method.IsStatic,
            ("TimeProvider", "GetUtcNow" or "GetLocalNow" or "GetTimestamp") => IsSystem(type)
                && trigger == RerunTrigger.OnReplay,
            _ => false,
        };

    /// <summary>Returns true if a constructor creates a nondeterministic object.</summary>
    public static bool IsCreation(IMethodSymbol? constructor) =>
        constructor is { ContainingType: { Name: "Random" } type, Parameters.IsEmpty: true } && IsSystem(type);

    private static bool IsSystem(INamedTypeSymbol type) =>
        type.ContainingNamespace is { Name: "System", ContainingNamespace.IsGlobalNamespace: true };
}
