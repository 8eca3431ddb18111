using System.Text.Json;

namespace Millrace.Serialization;

/// <summary>
/// Thrown when a value has a class that the declared type of its member does not list. The additional members of the
/// class would be lost. Nothing was written.
/// </summary>
/// <remarks>
/// An append throws a <see cref="CannotSerializeException"/> with this exception as the inner exception. To fix the
/// problem, declare the member with the class of the value, or seal the declared type. You can also list the class with
/// <c>[JsonDerivedType(typeof(…), "name")]</c> on the declared type.
/// </remarks>
public sealed class UndeclaredTypeException : JsonException
{
    private UndeclaredTypeException(string message, Type declared, Type actual, string member)
        : base(message)
    {
        DeclaredType = declared;
        ActualType = actual;
        Member = member;
    }

    /// <summary>Gets the declared type of the member.</summary>
    public Type DeclaredType { get; }

    /// <summary>Gets the type of the value.</summary>
    public Type ActualType { get; }

    /// <summary>
    /// Gets the name of the member in JSON. The name is <c>item</c> for an item of a collection, and empty for a value
    /// that is not a member.
    /// </summary>
    public string Member { get; }

    internal static UndeclaredTypeException Of(Type declared, object value, string member, string owner)
    {
        var actual = value.GetType();
        var name = declared.Name;
        var subject = member.Length == 0 ? $"The {owner}" : $"The member '{member}' of {owner}";
        var text =
            $"{subject} is declared as {name}, but its value is a {actual.Name}, whose added members would be lost. "
            + $"Declare it as {actual.Name}, or mark {name} with [JsonDerivedType(typeof({actual.Name}), \"…\")], "
            + $"or seal {name} if no class derives from it.";
        return new(text, declared, actual, member);
    }
}
