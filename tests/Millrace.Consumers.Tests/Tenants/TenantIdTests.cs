namespace Millrace.Tests;

public sealed class TenantIdTests
{
    [Theory]
    [InlineData("acme")]
    [InlineData("0")]
    [InlineData("acme-2_b")]
    [InlineData("a234567890123456789012345678901234567890")]
    public void A_valid_name_is_accepted(string name)
    {
        Assert.True(TenantId.TryParse(name, out var tenant));
        Assert.Equal((name, name), (tenant.Value, tenant.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Acme")]
    [InlineData("-acme")]
    [InlineData("_acme")]
    [InlineData("acme/order")]
    [InlineData("acme.")]
    [InlineData("..")]
    [InlineData("acmé")]
    [InlineData("a c")]
    [InlineData("a\0")]
    [InlineData("a'; DROP DATABASE shop")]
    [InlineData("a2345678901234567890123456789012345678901")]
    public void An_invalid_name_is_refused(string name)
    {
        Assert.False(TenantId.TryParse(name, out _));

        var refused = Assert.Throws<InvalidNameException>(() => new TenantId(name));

        Assert.Equal(("tenant", name), (refused.Kind, refused.Name));
    }

    [Fact]
    public void The_default_value_has_no_tenant()
    {
        Assert.Throws<InvalidOperationException>(() => default(TenantId).Value);
        Assert.Equal("(no tenant)", default(TenantId).ToString());
        Assert.False(TenantId.TryParse(null, out _));
    }
}
