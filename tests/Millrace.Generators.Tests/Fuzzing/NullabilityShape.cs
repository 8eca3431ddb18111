using System.Reflection;

namespace Millrace.Generators.Tests.Fuzzing;

/// <summary>Describes where null is a valid value: in an annotated type and in its type arguments.</summary>
internal sealed record NullabilityShape(bool AllowsNull, IReadOnlyList<NullabilityShape> Arguments)
{
    private static readonly NullabilityShape Never = new(false, []);

    public static NullabilityShape None => Never;

    public NullabilityShape this[int index] => index < Arguments.Count ? Arguments[index] : Never;

    /// <summary>
    /// Returns the nullability of a property. The owner provides the nullability of its type arguments.
    /// </summary>
    public static NullabilityShape Of(PropertyInfo property, NullabilityShape owner)
    {
        var open = (PropertyInfo)Open(property.DeclaringType!).GetMemberWithSameMetadataDefinitionAs(property);
        var info = new NullabilityInfoContext().Create(open);
        return OfMember(open.PropertyType, info, property.DeclaringType == property.ReflectedType ? owner : Never);
    }

    public static NullabilityShape Of(FieldInfo field) =>
        OfMember(field.FieldType, new NullabilityInfoContext().Create(field), Never);

    public static NullabilityShape Of(ParameterInfo parameter, NullabilityShape owner)
    {
        var constructor = (ConstructorInfo)parameter.Member;
        var open = (ConstructorInfo)Open(constructor.DeclaringType!).GetMemberWithSameMetadataDefinitionAs(constructor);
        var openParameter = open.GetParameters()[parameter.Position];
        return OfMember(openParameter.ParameterType, new NullabilityInfoContext().Create(openParameter), owner);
    }

    /// <summary>Returns the nullability of the result of a method.</summary>
    public static NullabilityShape Of(MethodInfo method) =>
        OfMember(method.ReturnType, new NullabilityInfoContext().Create(method.ReturnParameter), Never);

    /// <summary>A member without annotations allows null. The nullability of its type arguments is unknown.</summary>
    private static NullabilityShape OfMember(Type open, NullabilityInfo info, NullabilityShape owner)
    {
        var found = Of(open, info, owner);
        return open.IsGenericParameter ? found : found with { AllowsNull = info.ReadState != NullabilityState.NotNull };
    }

    private static NullabilityShape Of(Type open, NullabilityInfo info, NullabilityShape owner)
    {
        var allowsNull = info.ReadState == NullabilityState.Nullable;
        if (open.IsGenericParameter)
        {
            // Reflection reports a type parameter as nullable with and without a question mark, so null is not drawn
            // for it.
            return owner[open.GenericParameterPosition];
        }
        if (open.IsArray)
            return new(allowsNull, [Of(open.GetElementType()!, info.ElementType!, owner)]);
        var arguments = (Nullable.GetUnderlyingType(open) ?? open).GetGenericArguments();
        return new(
            allowsNull,
            [.. info.GenericTypeArguments.Select((argument, index) => Of(arguments[index], argument, owner))]);
    }

    private static Type Open(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;
}
