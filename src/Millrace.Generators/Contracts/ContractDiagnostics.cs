using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Contracts;

/// <summary>The diagnostics of the contract file, which lists the stored versions of events.</summary>
internal static class ContractDiagnostics
{
    public static readonly DiagnosticDescriptor Broken = Diagnostics.Error(
        DiagnosticIds.ContractBroken,
        "A stored version can no longer be read",
        "'{0}' cannot read all that is stored as '{1}' version {2}: {3}. Keep the old shape in a record of version "
            + "{2}, make this version {4}, and add '[Upcast] public static {0} From(...)'; if no store contains such "
            + "an event: 'millrace schema forget {1}'");

    public static readonly DiagnosticDescriptor Incomplete = Diagnostics.Warning(
        DiagnosticIds.ContractIncomplete,
        "The contract lacks a version",
        "The current shape of '{0}', '{1}' version {2}, is not in events.contract.json: build, then accept it with "
            + "'millrace schema accept'");

    public static readonly DiagnosticDescriptor Removed = Diagnostics.Error(
        DiagnosticIds.ContractRemoved,
        "No type reads a stored version",
        "'{0}' version {1} is in events.contract.json as stored, but no type reads it. If no store contains "
            + "such an event: 'millrace schema forget {0}'. Otherwise restore its record, add the name to Formerly of "
            + "the event that replaced it, or take it as JSON with [Upcast(\"{0}\", {1})]");

    public static readonly DiagnosticDescriptor Unreadable = Diagnostics.Error(
        DiagnosticIds.ContractUnreadable,
        "The contract cannot be read",
        "events.contract.json cannot be read: {0}");

    public static readonly DiagnosticDescriptor Forward = Diagnostics.Error(
        DiagnosticIds.ContractForward,
        "Older programs could not read a new version",
        "Programs that know {0} could not read '{1}': {2}");
}
