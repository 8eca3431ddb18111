using Commerce.Operating;
using Commerce.Trust;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;

namespace Commerce.Access;

/// <summary>Adds the sign-in of the demonstration. The rights are those of <see cref="ShopRoles"/>.</summary>
internal static class AccessSetup
{
    public static void AddSignIn(this IServiceCollection services, ShopOptions options, ShopSecrets secrets)
    {
        services.AddSingleton(new DemoSignIn(options.AllowsDemoSignIn));
        // All programs of the shop on this machine accept the cookie. The folder is readable only for its owner.
        services.AddDataProtection()
            .SetApplicationName("mill-shop")
            .PersistKeysToFileSystem(new DirectoryInfo(Path.Combine(secrets.Folder, "cookies")));
        services
            .AddAuthentication(LocalUser.Name)
            .AddScheme<AuthenticationSchemeOptions, LocalUser>(LocalUser.Name, null)
            .AddCookie(DemoSession.Scheme, cookie =>
            {
                cookie.Cookie.Name = "mill-shop";
                cookie.Cookie.SameSite = SameSiteMode.Strict;
                cookie.Cookie.HttpOnly = true;
                cookie.ExpireTimeSpan = TimeSpan.FromHours(12);
            });
        services.AddMillraceAuthorization();
    }
}
