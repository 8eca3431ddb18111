using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Model.Tests.Commands;

public sealed class HandlerServicesTests
{
    [Fact]
    public void A_service_that_is_not_registered_is_named_with_the_handler_and_its_parameter()
    {
        using var services = new ServiceCollection().AddSingleton("here").BuildServiceProvider();

        Assert.Equal("here", HandlerServices.Get<string>(services, "PlaceOrder", "text"));
        var missing = Assert.Throws<InvalidOperationException>(() =>
            HandlerServices.Get<TimeProvider>(services, "PlaceOrder", "time"));
        Assert.StartsWith(
            "The handler of PlaceOrder requires TimeProvider for its parameter 'time'",
            missing.Message,
            StringComparison.Ordinal);
    }
}
