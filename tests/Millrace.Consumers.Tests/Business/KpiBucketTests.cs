using Millrace.Business;

namespace Millrace.Tests;

/// <summary>The keys of the hours of business figures.</summary>
public sealed class KpiBucketTests
{
    private static readonly DateTimeOffset Hour = new(2011, 12, 5, 10, 0, 0, TimeSpan.Zero);
    private static readonly string[] Dimensions = ["country", "ship-country", "-country", "Country", "countr", "y"];

    [Fact]
    public void A_key_is_that_of_exactly_its_dimension()
    {
        Assert.All(Dimensions, dimension => Assert.Equal(
            [dimension], Dimensions.Where(name => KpiBucket.IsOf(KpiBucket.KeyOf(Hour, dimension), name))));
        Assert.DoesNotContain(Dimensions, name => KpiBucket.IsOf(KpiBucket.KeyOf(Hour, null), name));
    }
}
