package payroll;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.aad.msal4j.MsalServiceException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import test.ropeway.junit.RopewayExtension;
import test.ropeway.junit.Tenant;

@ExtendWith(RopewayExtension.class)
class PayrollTest {
    private static String signIn(Tenant tenant, String user, String password) throws Exception {
        return Payroll.signIn(tenant.authority(), tenant.userName(user), password);
    }

    @Test
    void anEmployeeSignsIn(Tenant tenant) throws Exception {
        assertFalse(signIn(tenant, "cloud", Tenant.PASSWORD).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"mfa", "newmfa", "noconsent"})
    void whoNeedsABrowserIsToldSo(String user, Tenant tenant) {
        assertThrows(Payroll.BrowserNeeded.class, () -> signIn(tenant, user, Tenant.PASSWORD));
    }

    @Test
    void aWrongPasswordIsToldAsItIs(Tenant tenant) {
        var refused = assertThrows(MsalServiceException.class, () -> signIn(tenant, "cloud", "Winter-2042"));

        assertTrue(refused.getMessage().startsWith("AADSTS50126: "), refused.getMessage());
    }

    @Test
    void anAccountThatWasDisabledGetsNoMoreTokens(Tenant tenant) {
        tenant.changeUser("cloud", Map.of("accountEnabled", false));

        var refused = assertThrows(MsalServiceException.class, () -> signIn(tenant, "cloud", Tenant.PASSWORD));

        assertTrue(refused.getMessage().startsWith("AADSTS50057: "), refused.getMessage());
    }
}
