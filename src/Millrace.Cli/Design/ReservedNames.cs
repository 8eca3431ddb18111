namespace Millrace.Cli.Design;

/// <summary>Names that are reserved in C# or in the generated code.</summary>
internal static class ReservedNames
{
    private static readonly HashSet<string> Keywords = SetOf(
        "abstract as base bool break byte case catch char checked class const continue decimal default delegate do "
            + "double else enum event "
            + "explicit extern false finally fixed float for foreach goto if implicit in int interface internal is "
            + "lock long namespace new "
            + "null object operator out override params private protected public readonly ref return sbyte sealed "
            + "short sizeof stackalloc "
            + "static string struct switch this throw true try typeof uint ulong unchecked unsafe ushort using "
            + "virtual void volatile while"
    );

    private static readonly HashSet<string> MemberNames = SetOf(
        // Members of every aggregate, record or document, and names that their code uses.
        "id state version at raised occurredAt changedAt when raise require requireState checkInvariants evolve "
            + "writeState array "
            + "toString equals getHashCode getType memberwiseClone finalize referenceEquals equalityContract "
            + "printMembers deconstruct clone "
            // Words of the description language.
            + "yes no empty");

    private static readonly HashSet<string> TypeNames = SetOf(
        "System Millrace Microsoft Xunit Tests Program Array CancellationToken Command CommandContext Comparison "
            + "Context DateOnly "
            + "DateTimeOffset TimeSpan Time TimeProvider Guid Indexed ICommand QueryContext ReadQuery "
            + "WrongStateException Specification Assert "
            + "Fact WebApplication ClaimTakenException");

    /// <summary>Returns true when an attribute cannot have the name.</summary>
    public static bool IsReservedAttribute(string name) => Keywords.Contains(name) || MemberNames.Contains(name);

    /// <summary>
    /// Returns true when a method cannot have the name. Methods start with a capital, so keywords are allowed.
    /// </summary>
    public static bool IsReservedMethod(string name) => MemberNames.Contains(NameInflector.Camel(name));

    /// <summary>
    /// Returns true when an entity, a part, a query, a context or an application cannot have the name.
    /// </summary>
    public static bool IsReservedType(string name) => TypeNames.Contains(name);

    private static HashSet<string> SetOf(string names) => [.. names.Split(' ')];
}
