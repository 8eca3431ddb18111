using FsCheck;
using FsCheck.Fluent;
using Millrace.Commands;

namespace Millrace.Model.Tests.Commands;

public sealed class TypeTableTests
{
    private static readonly Type[] Types =
    [
        .. typeof(object).Assembly.GetTypes().Where(type => !type.IsGenericTypeDefinition).Take(2_000),
    ];

    [Fact]
    public void The_table_finds_every_type_it_contains_and_no_other() =>
        Prop.ForAll(
                Gen.Elements(Types).ArrayOf().ToArbitrary(),
                Gen.Elements(Types).ToArbitrary(),
                (types, other) =>
                {
                    var table = new TypeTable<string>(
                        types.Distinct().ToDictionary(type => type, type => type.AssemblyQualifiedName!));
                    return types.All(type => table.Find(type) == type.AssemblyQualifiedName)
                        && table.Find(other) == (types.Contains(other) ? other.AssemblyQualifiedName : null);
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void The_table_finds_each_of_two_thousand_types()
    {
        var table = new TypeTable<string>(Types.ToDictionary(type => type, type => type.AssemblyQualifiedName!));

        Assert.All(Types, type => Assert.Equal(type.AssemblyQualifiedName, table.Find(type)));
    }
}
